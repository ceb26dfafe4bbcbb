"""Addresses of budgets."""

from django.urls import URLPattern, URLResolver, path

from enishi.budgets import (
    views_across,
    views_codes,
    views_profiles,
    views_programmes,
    views_runs,
    views_shares,
    views_years,
)

app_name = "budgets"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views_across.budget_tree, name="budget_tree"),
    path("codes/<int:pk>/", views_codes.code_detail, name="code_detail"),
    path("codes/<int:pk>/edit/", views_codes.code_edit, name="code_edit"),
    path("codes/<int:pk>/new/", views_codes.code_new, name="code_new"),
    path("codes/<int:pk>/entries/new/", views_codes.entry_new, name="entry_new"),
    path("codes/<int:pk>/move/", views_codes.money_move, name="money_move"),
    path("codes/<int:pk>/allocations/", views_codes.allocations_edit, name="allocations_edit"),
    path("codes/<int:pk>/links/new/", views_codes.link_new, name="link_new"),
    path("links/<int:pk>/remove/", views_codes.link_remove, name="link_remove"),
    path("compare/", views_across.year_compare, name="year_compare"),
    path("unallocated/", views_across.unallocated_list, name="unallocated_list"),
    path("unallocated/sheet/", views_shares.share_sheet, name="share_sheet"),
    path("programmes/", views_programmes.programme_list, name="programme_list"),
    path("programmes/new/", views_programmes.programme_new, name="programme_new"),
    path("programmes/import/", views_years.programme_import, name="programme_import"),
    path("programmes/<int:pk>/", views_programmes.programme_detail, name="programme_detail"),
    path("programmes/<int:pk>/edit/", views_programmes.programme_edit, name="programme_edit"),
    path("programmes/<int:pk>/end/", views_programmes.programme_end, name="programme_end"),
    path("programmes/<int:pk>/merge/", views_programmes.programme_merge, name="programme_merge"),
    path("programmes/<int:pk>/years/<int:year>/", views_programmes.programme_year, name="programme_year"),
    path("imports/", views_runs.run_list, name="run_list"),
    path("imports/new/", views_runs.run_new, name="run_new"),
    path("imports/new/<int:pk>/", views_runs.run_new_stages, name="run_new_stages"),
    path("imports/<uuid:pk>/", views_runs.run_detail, name="run_detail"),
    path("imports/<uuid:pk>/confirm/", views_runs.run_confirm, name="run_confirm"),
    path("imports/<uuid:pk>/take-back/", views_runs.run_take_back, name="run_take_back"),
    path("profiles/", views_profiles.profile_list, name="profile_list"),
    path("profiles/sample/", views_profiles.profile_sample, name="profile_sample"),
    path("profiles/new/", views_profiles.profile_new, name="profile_new"),
    path("profiles/<int:pk>/", views_profiles.profile_edit, name="profile_edit"),
    path("profiles/<int:pk>/retire/", views_profiles.profile_retire, name="profile_retire"),
    path("years/", views_years.year_list, name="year_list"),
    path("years/<int:year>/", views_years.year_edit, name="year_edit"),
    path("years/<int:year>/close/", views_years.year_close, name="year_close"),
    path("years/<int:year>/reopen/", views_years.year_reopen, name="year_reopen"),
    path("years/<int:year>/publish/", views_years.year_publish, name="year_publish"),
    path("years/<int:year>/withdraw/", views_years.year_withdraw, name="year_withdraw"),
]
