"""Addresses of indicators."""

from django.urls import URLPattern, URLResolver, path

from enishi.indicators import (
    views_elements,
    views_indicators,
    views_offices,
    views_targets,
    views_values,
)
from enishi.indicators.transfer.views import (
    run_approve,
    run_detail,
    run_list,
    run_new,
    run_save,
    run_undo,
)

app_name = "indicators"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views_indicators.indicator_list, name="indicator_list"),
    path("new/", views_indicators.indicator_new, name="indicator_new"),
    path("trash/", views_indicators.trash, name="trash"),
    path("offices/", views_offices.offices, name="offices"),
    path("grid/", views_values.grid, name="grid"),
    path("waiting/", views_values.waiting, name="waiting"),
    path("overdue/", views_values.overdue, name="overdue"),
    path("values/<int:pk>/", views_values.value_detail, name="value_detail"),
    path("values/<int:pk>/approve/", views_values.value_approve, name="value_approve"),
    path("values/<int:pk>/return/", views_values.value_return, name="value_return"),
    path("values/<int:pk>/submit/", views_values.value_submit, name="value_submit"),
    path("values/<int:pk>/withdraw/", views_values.value_withdraw, name="value_withdraw"),
    path("elements/", views_elements.element_list, name="element_list"),
    path("elements/new/", views_elements.element_new, name="element_new"),
    path("elements/<int:pk>/", views_elements.element_detail, name="element_detail"),
    path("elements/<int:pk>/edit/", views_elements.element_edit, name="element_edit"),
    path("elements/<int:pk>/acquisition/", views_elements.element_acquisition, name="element_acquisition"),
    path("elements/<int:pk>/compute/", views_elements.element_compute, name="element_compute"),
    path("elements/<int:pk>/retire/", views_elements.element_retire, name="element_retire"),
    path("elements/<int:pk>/take-up/", views_elements.element_take_up, name="element_take_up"),
    path("elements/<int:pk>/values/new/", views_values.element_value_new, name="element_value_new"),
    path("runs/", run_list, name="run_list"),
    path("runs/new/", run_new, name="run_new"),
    path("runs/<int:pk>/", run_detail, name="run_detail"),
    path("runs/<int:pk>/save/", run_save, name="run_save"),
    path("runs/<int:pk>/approve/", run_approve, name="run_approve"),
    path("runs/<int:pk>/undo/", run_undo, name="run_undo"),
    path("<int:pk>/", views_indicators.indicator_detail, name="indicator_detail"),
    path("<int:pk>/print/", views_indicators.indicator_print, name="indicator_print"),
    path("<int:pk>/chart.svg", views_indicators.indicator_chart, {"form": "svg"}, name="indicator_chart"),
    path("<int:pk>/chart.png", views_indicators.indicator_chart, {"form": "png"}, name="indicator_png"),
    path("<int:pk>/numbers.csv", views_indicators.indicator_chart, {"form": "csv"}, name="indicator_numbers"),
    path("<int:pk>/edit/", views_indicators.indicator_edit, name="indicator_edit"),
    path("<int:pk>/definitions/new/", views_indicators.definition_new, name="definition_new"),
    path("<int:pk>/acquisition/", views_indicators.acquisition_edit, name="indicator_acquisition"),
    path("<int:pk>/baseline/", views_targets.baseline_set, name="baseline_set"),
    path("<int:pk>/targets/new/", views_targets.target_set, name="target_set"),
    path("<int:pk>/targets/change/", views_targets.change_set, name="change_set"),
    path("<int:pk>/targets/change/drop/", views_targets.change_drop, name="change_drop"),
    path("<int:pk>/values/new/", views_values.value_new, name="value_new"),
    path("<int:pk>/retire/", views_indicators.indicator_retire, name="indicator_retire"),
    path("<int:pk>/delete/", views_indicators.indicator_delete, name="indicator_delete"),
    path("<int:pk>/restore/", views_indicators.indicator_restore, name="indicator_restore"),
]
