"""Addresses under /agreements/."""

from django.urls import URLPattern, URLResolver, path

from enishi.agreements import (
    views_agreements,
    views_approval,
    views_calendar,
    views_changes,
    views_documents,
    views_import,
    views_keeping,
    views_register,
    views_risks,
    views_schemes,
)

app_name = "agreements"

schemes: list[URLPattern | URLResolver] = [
    path("schemes/", views_schemes.scheme_list, name="scheme_list"),
    path("schemes/ask/", views_schemes.scheme_ask, name="scheme_ask"),
    path("schemes/advice/", views_schemes.scheme_advice, name="scheme_advice"),
    path("schemes/compare/", views_schemes.scheme_compare, name="scheme_compare"),
    path("schemes/limits/", views_schemes.threshold_list, name="threshold_list"),
    path(
        "schemes/articles/<slug:law_id>/<slug:number>/", views_schemes.article_detail, name="article_detail"
    ),
    path("schemes/<slug:scheme_id>/", views_schemes.scheme_detail, name="scheme_detail"),
]

calendar: list[URLPattern | URLResolver] = [
    path("calendar/", views_calendar.calendar_page, name="calendar"),
    path("calendar/feed/make/", views_calendar.feed_make, name="feed_make"),
    path("calendar/feed/revoke/", views_calendar.feed_revoke, name="feed_revoke"),
    path("calendar/feed/<slug:token>.ics", views_calendar.feed, name="feed"),
]

drafts: list[URLPattern | URLResolver] = [
    path("new/", views_agreements.agreement_new, name="agreement_new"),
    path("trash/", views_agreements.agreement_trash, name="agreement_trash"),
    path("<int:pk>/", views_agreements.agreement_detail, name="agreement_detail"),
    path("<int:pk>/about/", views_agreements.agreement_about, name="agreement_about"),
    path("<int:pk>/terms/", views_agreements.agreement_terms, name="agreement_terms"),
    path("<int:pk>/parties/", views_agreements.agreement_rows, {"what": "parties"}, name="agreement_parties"),
    path(
        "<int:pk>/obligations/",
        views_agreements.agreement_rows,
        {"what": "obligations"},
        name="agreement_obligations",
    ),
    path("<int:pk>/risks/", views_risks.risk_form, name="agreement_risks"),
    path("<int:pk>/risks/start/", views_risks.risk_start, name="risk_start"),
    path("<int:pk>/risks/import/", views_risks.risk_import, name="risk_import"),
    path("<int:pk>/risks/table/", views_risks.risk_table_page, name="risk_table"),
    path("<int:pk>/delete/", views_agreements.agreement_delete, name="agreement_delete"),
    path("<int:pk>/restore/", views_agreements.agreement_restore, name="agreement_restore"),
    path("<int:pk>/end/", views_agreements.agreement_end, name="agreement_end"),
]

approval: list[URLPattern | URLResolver] = [
    path("<int:pk>/submit/", views_approval.agreement_submit, name="agreement_submit"),
    path("<int:pk>/share/", views_agreements.agreement_share, name="agreement_share"),
    path("<int:pk>/take-back/", views_approval.agreement_take_back, name="agreement_take_back"),
    path("<int:pk>/sign/", views_approval.agreement_sign, name="agreement_sign"),
    path("<int:pk>/reopen/", views_approval.agreement_reopen, name="agreement_reopen"),
    path("<int:pk>/copies/", views_approval.copy_add, name="copy_add"),
    path("<int:pk>/versions/", views_approval.version_list, name="version_list"),
    path("approvals/<int:pk>/", views_approval.approval_answer, name="approval_answer"),
    path("approvals/<int:pk>/seen/", views_approval.approval_seen, name="approval_seen"),
    path("copies/<int:pk>/", views_approval.copy_download, name="copy_download"),
    path("copies/<int:pk>/verify/", views_approval.copy_verify, name="copy_verify"),
]

keeping: list[URLPattern | URLResolver] = [
    path(
        "<int:pk>/obligations/<uuid:key>/<slug:due>/",
        views_keeping.obligation_fulfil,
        name="obligation_fulfil",
    ),
    path("<int:pk>/activity/", views_keeping.activity_add, name="activity_add"),
    path("<int:pk>/asleep/", views_keeping.sleep_explain, name="sleep_explain"),
    path("<int:pk>/prolong/", views_keeping.agreement_prolong, name="agreement_prolong"),
    path("<int:pk>/incidents/new/", views_keeping.incident_new, name="incident_new"),
    path("incidents/<int:pk>/", views_keeping.incident_edit, name="incident_edit"),
    path("<int:pk>/disputes/new/", views_keeping.dispute_new, name="dispute_new"),
    path("disputes/<int:pk>/", views_keeping.dispute_detail, name="dispute_detail"),
    path("<int:pk>/changes/new/", views_changes.change_new, name="change_new"),
    path("changes/<int:pk>/", views_changes.change_detail, name="change_detail"),
    path("changes/<int:pk>/impact/", views_changes.change_assess, name="change_assess"),
    path("changes/<int:pk>/ask/", views_changes.change_ask, name="change_ask"),
    path("changes/<int:pk>/version/", views_changes.change_make, name="change_make"),
    path("changes/<int:pk>/withdraw/", views_changes.change_withdraw, name="change_withdraw"),
    path("consents/<int:pk>/", views_changes.consent_answer, name="consent_answer"),
]

documents: list[URLPattern | URLResolver] = [
    path("<int:pk>/documents/", views_documents.document_list, name="document_list"),
    path(
        "<int:pk>/documents/<slug:kind>.<slug:ending>",
        views_documents.document_download,
        name="document_download",
    ),
    path("templates/", views_documents.template_home, name="template_home"),
    path("templates/of/<int:pk>/", views_documents.template_list, name="template_list"),
    path("templates/of/<int:pk>/add/", views_documents.template_add, name="template_add"),
    path("templates/<int:pk>/", views_documents.template_download, name="template_download"),
    path("templates/<int:pk>/retire/", views_documents.template_retire, name="template_retire"),
    path("templates/default/<slug:kind>.docx", views_documents.template_default, name="template_default"),
]

imports: list[URLPattern | URLResolver] = [
    path("import/", views_import.import_new, name="import_new"),
    path("import/sheet.xlsx", views_import.import_sheet, name="import_sheet"),
    path("import/<int:pk>/", views_import.import_check, name="import_check"),
    path("import/<int:pk>/apply/", views_import.import_apply, name="import_apply"),
    path("import/<int:pk>/undo/", views_import.import_undo, name="import_undo"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views_register.agreement_list, name="agreement_list"),
    *schemes,
    *calendar,
    *drafts,
    *approval,
    *keeping,
    *documents,
    *imports,
]
