"""Who may read and write templates and drafts."""

from enishi.knowledge.models import Draft, DraftTemplate
from enishi.knowledge.staff.access import StaffAccess

template_access: StaffAccess[DraftTemplate] = StaffAccess(DraftTemplate)
draft_access: StaffAccess[Draft] = StaffAccess(Draft)
