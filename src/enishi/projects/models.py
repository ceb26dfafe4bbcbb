"""All models of this room, so that Django finds them and others ask in one place."""

from enishi.projects.awards.models import (
    AwardBallot,
    AwardCall,
    AwardEntry,
    AwardJuror,
    AwardMail,
    AwardScore,
)
from enishi.projects.handovers.models import HandoverItem, HandoverPacket
from enishi.projects.lessons.models import Lesson, NamelessLesson
from enishi.projects.models_documents import Document, Meeting
from enishi.projects.models_expenses import Expense, Receipt, Settlement
from enishi.projects.models_measures import Measure, MeasureValue
from enishi.projects.models_next import NextChallenge
from enishi.projects.models_programmes import ProjectProgramme
from enishi.projects.models_projects import (
    Participant,
    Project,
)
from enishi.projects.models_risks import Incident, Risk
from enishi.projects.models_trials import ConsentText, LabParticipant, Trial
from enishi.projects.models_work import Milestone, Task
from enishi.projects.reports.models import CompletionReport, ProjectPublication
from enishi.projects.sheets.models import PdcaLine, PdcaSheet, PdcaUpload

__all__ = [
    "AwardBallot",
    "AwardCall",
    "AwardEntry",
    "AwardJuror",
    "AwardMail",
    "AwardScore",
    "CompletionReport",
    "ConsentText",
    "Document",
    "Expense",
    "HandoverItem",
    "HandoverPacket",
    "Incident",
    "LabParticipant",
    "Lesson",
    "Measure",
    "MeasureValue",
    "Meeting",
    "Milestone",
    "NamelessLesson",
    "NextChallenge",
    "Participant",
    "PdcaLine",
    "PdcaSheet",
    "PdcaUpload",
    "Project",
    "ProjectProgramme",
    "ProjectPublication",
    "Receipt",
    "Risk",
    "Settlement",
    "Task",
    "Trial",
]
