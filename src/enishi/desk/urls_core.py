"""Addresses of the desk itself: intake, status, cases, questions to sections."""

from django.urls import URLPattern, URLResolver, path

from enishi.desk import (
    views_cases,
    views_consultations,
    views_desk,
    views_import,
    views_propose,
    views_settings,
    views_status,
    views_triage,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("propose/", views_propose.propose, name="proposal_new"),
    path("propose/on-behalf/", views_propose.propose_on_behalf, name="proposal_on_behalf"),
    path("propose/d/<str:secret>/", views_propose.draft_by_link, name="draft_by_link"),
    path("propose/d/<str:secret>/<slug:step>/", views_propose.draft_step, name="draft_step"),
    path("proposals/<int:pk>/write/<slug:step>/", views_propose.write_step, name="write_step"),
    path("mine/", views_status.mine, name="mine"),
    path("status/<str:secret>/", views_status.status, name="status"),
    path("status/<str:secret>/confidential/", views_status.status_sealed, name="status_sealed"),
    path("status/<str:secret>/files/<int:pk>/", views_status.status_file, name="status_file"),
    *(
        path(
            f"status/<str:secret>/{action}/",
            views_status.status_act,
            {"action": action},
            name=f"status_{action}",
        )
        for action in ("send", "leave_call", "write", "withdraw")
    ),
    path("proposals/<int:pk>/", views_cases.proposal_detail, name="proposal_detail"),
    path("proposals/<int:pk>/move/", views_cases.proposal_move, name="proposal_move"),
    path("proposals/<int:pk>/assign/", views_cases.proposal_assign, name="proposal_assign"),
    path("proposals/<int:pk>/start/", views_cases.proposal_start, name="proposal_start"),
    path("proposals/<int:pk>/reply/", views_cases.proposal_reply, name="proposal_reply"),
    path("proposals/<int:pk>/time/", views_cases.proposal_time, name="proposal_time"),
    *(
        path(
            f"proposals/<int:pk>/{action}/",
            views_cases.proposal_act,
            {"action": action},
            name=f"proposal_{name}",
        )
        for action, name in (("message", "message"), ("withdraw", "withdraw"))
    ),
    path("proposals/<int:pk>/confidential/", views_cases.proposal_sealed, name="proposal_sealed"),
    path("proposals/<int:pk>/contact/", views_cases.proposal_contact, name="proposal_contact"),
    path("proposals/<int:pk>/grants/", views_cases.proposal_grants, name="proposal_grants"),
    path("grants/<int:pk>/end/", views_cases.grant_end, name="grant_end"),
    path("letters/<int:pk>/again/", views_cases.letter_again, name="letter_again"),
    path("files/<int:pk>/", views_cases.file, name="file"),
    path("proposals/<int:pk>/consult/", views_consultations.proposal_consult, name="proposal_consult"),
    path("consultations/", views_consultations.consultation_list, name="consultation_list"),
    path("consultations/<int:pk>/", views_consultations.consultation, name="consultation"),
    path(
        "consultations/<int:pk>/transfer/",
        views_consultations.consultation_transfer,
        name="consultation_transfer",
    ),
    *(
        path(
            f"consultations/<int:pk>/{action}/",
            views_consultations.consultation_act,
            {"action": action},
            name=f"consultation_{action}",
        )
        for action in ("remind", "cancel")
    ),
    path("", views_desk.board, name="board"),
    path("proposals/", views_desk.proposal_list, name="proposal_list"),
    path("clock/", views_desk.clock, name="clock"),
    path("proposals/<int:pk>/triage/", views_triage.triage, name="triage"),
    path("suggestions/<int:pk>/answer/", views_triage.suggestion_answer, name="suggestion_answer"),
    path("settings/", views_settings.settings, name="settings"),
    path("settings/mailboxes/", views_settings.mailboxes, name="mailboxes"),
    path("settings/calendar/", views_settings.calendar, name="budget_calendar"),
    path("settings/templates/new/", views_settings.template_edit, name="template_new"),
    path("settings/templates/<int:pk>/", views_settings.template_edit, name="template_edit"),
    path("imports/new/", views_import.import_new, name="import_new"),
    path("imports/undo/", views_import.import_undo, name="import_undo"),
    path("imports/start/", views_import.import_start, name="import_start"),
    path("imports/sheet/", views_import.import_sheet, name="import_sheet"),
    path("answer/<str:secret>/", views_consultations.answer_by_link, name="answer_by_link"),
    path("answer/<str:secret>/transfer/", views_consultations.transfer_by_link, name="transfer_by_link"),
]
