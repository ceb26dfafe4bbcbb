"""Who may read and write cases and learning paths."""

from enishi.knowledge.models import Case, LearningPath
from enishi.knowledge.staff.access import StaffAccess

case_access: StaffAccess[Case] = StaffAccess(Case)
path_access: StaffAccess[LearningPath] = StaffAccess(LearningPath)
