"""Addresses of plans."""

from django.urls import URLPattern, URLResolver, path, register_converter

from enishi.plans import views_nodes as nodes
from enishi.plans import views_placing as placing
from enishi.plans import views_plans as plans
from enishi.plans import views_targets as targets
from enishi.plans import views_transfer as transfer
from enishi.plans import views_versions as versions
from enishi.plans.evidence import urls as evidence
from enishi.plans.logic import urls as logic
from enishi.plans.priorities import urls as priorities
from enishi.plans.reading import urls as reading

app_name = "plans"


class PictureForm:
    """The forms in which a chart leaves."""

    regex = "svg|png"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PictureForm, "picture")

urlpatterns: list[URLPattern | URLResolver] = [
    *logic.urlpatterns,
    *evidence.urlpatterns,
    *priorities.urlpatterns,
    *reading.urlpatterns,
    path("", plans.plan_list, name="plan_list"),
    path("new/", plans.plan_new, name="plan_new"),
    path("trash/", plans.plan_trash, name="plan_trash"),
    path("unplaced/", placing.unplaced_list, name="unplaced_list"),
    path("statutory/", placing.statutory_list, name="statutory_list"),
    path("statutory/new/", placing.statutory_new, name="statutory_new"),
    path("statutory/known/", placing.statutory_known, name="statutory_known"),
    path("statutory/<int:pk>/edit/", placing.statutory_edit, name="statutory_edit"),
    path("sheet.xlsx", transfer.import_sheet, name="import_sheet"),
    path("<int:pk>/", plans.plan_detail, name="plan_detail"),
    path("<int:pk>/edit/", plans.plan_edit, name="plan_edit"),
    path("<int:pk>/delete/", plans.plan_delete, name="plan_delete"),
    path("<int:pk>/restore/", plans.plan_restore, name="plan_restore"),
    path("<int:pk>/versions/new/", versions.version_new, name="version_new"),
    path("versions/<int:pk>/", versions.version_tree, name="version_tree"),
    path("versions/<int:pk>/dashboard/", versions.version_dashboard, name="version_dashboard"),
    path("versions/<int:pk>/chart.<picture:form>", versions.version_chart, name="version_chart"),
    path("versions/<int:pk>/compare/", versions.version_compare, name="version_compare"),
    path("versions/<int:pk>/proof/", versions.version_proof, name="version_proof"),
    path("versions/<int:pk>/edit/", versions.version_edit, name="version_edit"),
    path("versions/<int:pk>/levels/", versions.version_levels, name="version_levels"),
    path("versions/<int:pk>/approve/", versions.version_approve, name="version_approve"),
    path("versions/<int:pk>/discard/", versions.version_discard, name="version_discard"),
    path("versions/<int:pk>/take-up/", versions.version_take_up, name="version_take_up"),
    path("versions/<int:pk>/export/", transfer.version_export, name="version_export"),
    path("versions/<int:pk>/import/", transfer.import_new, name="import_new"),
    path("imports/<int:pk>/", transfer.import_check, name="import_check"),
    path("imports/<int:pk>/apply/", transfer.import_apply, name="import_apply"),
    path("versions/<int:pk>/changes/", nodes.change_list, name="change_list"),
    path("changes/<int:pk>/undo/", nodes.change_undo, name="change_undo"),
    path("versions/<int:pk>/nodes/new/", nodes.node_new, name="node_new"),
    path("versions/<int:pk>/nodes/shift/", nodes.node_shift, name="node_shift"),
    path("of/<slug:uid>/", plans.node_current, name="node_current"),
    path("nodes/<int:pk>/", nodes.node_detail, name="node_detail"),
    path("nodes/<int:pk>/chart.<picture:form>", nodes.node_chart, name="node_chart"),
    path(
        "nodes/<int:pk>/indicators/<int:indicator>/trend.<picture:form>", nodes.node_trend, name="node_trend"
    ),
    path("nodes/<int:pk>/edit/", nodes.node_edit, name="node_edit"),
    path("nodes/<int:pk>/move/", nodes.node_move, name="node_move"),
    path("nodes/<int:pk>/split/", nodes.node_split, name="node_split"),
    path("nodes/<int:pk>/merge/", nodes.node_merge, name="node_merge"),
    path("nodes/<int:pk>/remove/", nodes.node_remove, name="node_remove"),
    path("nodes/<int:pk>/programmes/", placing.node_programmes, name="node_programmes"),
    path("nodes/<int:pk>/indicators/", placing.node_indicators, name="node_indicators"),
    path("node-indicators/<int:pk>/target/", targets.node_target, name="node_target"),
    path("nodes/<int:pk>/links/", placing.node_links, name="node_links"),
    path("links/<int:pk>/remove/", placing.link_remove, name="link_remove"),
]
