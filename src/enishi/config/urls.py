"""Root addresses. Each room brings its own under its own word."""

from django.urls import URLPattern, URLResolver, include, path

from enishi.config.api import api, reference

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("enishi.portal.urls")),
    path("", include("enishi.exchange.urls")),
    path("", include("enishi.exchange.matches.urls")),
    path("desk/", include("enishi.desk.urls")),
    path("agreements/", include("enishi.agreements.urls")),
    path("projects/", include("enishi.projects.urls")),
    path("evaluation/", include("enishi.evaluation.urls")),
    path("plans/", include("enishi.plans.urls")),
    path("budgets/", include("enishi.budgets.urls")),
    path("indicators/", include("enishi.indicators.urls")),
    path("api/v1/", reference, name="api_reference"),
    path("api/v1/", api.urls),
    path("knowledge/staff/", include("enishi.knowledge.staff.urls")),
    path("knowledge/cases/", include("enishi.knowledge.cases.urls")),
    path("knowledge/sparring/", include("enishi.knowledge.sparring.urls")),
    path("knowledge/drafting/", include("enishi.knowledge.drafting.urls")),
    path("knowledge/checks/", include("enishi.knowledge.checks.urls")),
    path("knowledge/", include("enishi.knowledge.answers.urls")),
    path("documents/", include("enishi.knowledge.documents.urls")),
    path("", include("enishi.knowledge.trust.urls")),
    path("", include("enishi.knowledge.concierge.urls")),
    path("imports/", include("enishi.exchange.transfer.urls")),
    path("notices/", include("enishi.notifications.urls")),
    path("history/", include("enishi.audit.urls")),
    path("organizations/", include("enishi.organizations.urls")),
    path("account/", include("enishi.accounts.urls")),
    path("account/", include("allauth.urls")),
    path("", include("enishi.foundation.urls")),
]

handler400 = "enishi.foundation.errors.bad_request"
handler403 = "enishi.foundation.errors.permission_denied"
