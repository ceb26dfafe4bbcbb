"""Who may read and write checklists and what they found."""

from enishi.knowledge.models import CheckBatch, Checklist, CheckRun
from enishi.knowledge.staff.access import StaffAccess

checklist_access: StaffAccess[Checklist] = StaffAccess(Checklist)
run_access: StaffAccess[CheckRun] = StaffAccess(CheckRun)
batch_access: StaffAccess[CheckBatch] = StaffAccess(CheckBatch)
