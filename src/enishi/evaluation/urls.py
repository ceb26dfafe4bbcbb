"""Addresses of evaluation."""

from django.urls import URLPattern, URLResolver, path

from enishi.evaluation import (
    views_cycles,
    views_decisions,
    views_forms,
    views_papers,
    views_proposals,
    views_results,
    views_sheets,
)
from enishi.evaluation.envelopes import urls as envelopes
from enishi.evaluation.published import urls as published
from enishi.evaluation.reflection import urls as reflection

app_name = "evaluation"

FORMS = [
    path("forms/", views_forms.own_forms, name="own_forms"),
    path("forms/<slug:form>/new/", views_forms.own_form_new, name="own_form_new"),
    path("forms/<slug:form>/sample.xlsx", views_forms.own_form_sample, name="own_form_sample"),
    path("forms/<slug:form>/own/", views_forms.own_form_file, name="own_form_file"),
    path("forms/<slug:form>/retire/", views_forms.own_form_retire, name="own_form_retire"),
]
CYCLES = [
    path("", views_cycles.cycle_list, name="cycle_list"),
    path("new/", views_cycles.cycle_new, name="cycle_new"),
    path("<int:pk>/", views_cycles.cycle_detail, name="cycle_detail"),
    path("<int:pk>/edit/", views_cycles.cycle_edit, name="cycle_edit"),
    path("<int:pk>/move/", views_cycles.cycle_move, name="cycle_move"),
    path("<int:pk>/sheets/", views_cycles.sheet_list, name="sheet_list"),
    path("<int:pk>/board/", views_cycles.cycle_board, name="cycle_board"),
    path("<int:pk>/panel/", views_cycles.panel, name="panel"),
    path("<int:pk>/papers/", views_papers.papers_start, name="papers_start"),
    path("panelists/<int:pk>/remove/", views_cycles.panelist_remove, name="panelist_remove"),
    path("papers/<uuid:job_id>/", views_papers.papers_fetch, name="papers_fetch"),
]
SHEETS = [
    path("sheets/<int:pk>/", views_sheets.sheet_detail, name="sheet_detail"),
    path("sheets/<int:pk>/fill/<slug:stage>/", views_sheets.sheet_fill, name="sheet_fill"),
    path("sheets/<int:pk>/approve/", views_sheets.sheet_approve, name="sheet_approve"),
    path("sheets/<int:pk>/return/", views_sheets.sheet_return, name="sheet_return"),
    path("sheets/<int:pk>/officer/", views_sheets.sheet_officer, name="sheet_officer"),
    path("sheets/<int:pk>/choose/", views_sheets.sheet_choose, name="sheet_choose"),
    path("sheets/<int:pk>/workbook/", views_sheets.sheet_workbook, name="sheet_workbook"),
    path("sheets/<int:pk>/upload/", views_sheets.sheet_upload, name="sheet_upload"),
    path(
        "sheets/<int:pk>/upload/<int:upload_pk>/", views_sheets.sheet_upload_check, name="sheet_upload_check"
    ),
    path("sheets/<int:pk>/papers/<slug:form>/", views_papers.sheet_paper, name="sheet_paper"),
    path("sheets/<int:pk>/publish/", views_results.sheet_publish, name="sheet_publish"),
    path("sheets/<int:pk>/withdraw/", views_results.sheet_withdraw, name="sheet_withdraw"),
]
DECISIONS = [
    path("sheets/<int:pk>/decide/", views_decisions.decision_new, name="decision_new"),
    path("decisions/", views_decisions.decision_list, name="decision_list"),
    path("decisions/<int:pk>/", views_decisions.decision_detail, name="decision_detail"),
    path("decisions/<int:pk>/edit/", views_decisions.decision_edit, name="decision_edit"),
    path("decisions/<int:pk>/move/", views_decisions.decision_move, name="decision_move"),
    path("decisions/<int:pk>/replace/", views_decisions.decision_replace, name="decision_replace"),
    path("decisions/<int:pk>/follow-ups/new/", views_decisions.follow_up_new, name="follow_up_new"),
    path("follow-ups/<int:pk>/end/", views_decisions.follow_up_end, name="follow_up_end"),
]
OPEN = [
    path("proposals/", views_proposals.proposal_list, name="proposal_list"),
    path("proposals/<int:pk>/", views_proposals.proposal_detail, name="proposal_detail"),
    path("programmes/<int:pk>/propose/", views_proposals.proposal_new, name="proposal_new"),
    path("programmes/<int:pk>/yardsticks/", views_proposals.yardsticks, name="yardsticks"),
    path("results/", views_results.result_list, name="result_list"),
    path("results/<int:pk>/", views_results.result_detail, name="result_detail"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *FORMS,
    *CYCLES,
    *SHEETS,
    *DECISIONS,
    *OPEN,
    *reflection.urlpatterns,
    *published.urlpatterns,
    *envelopes.urlpatterns,
]
