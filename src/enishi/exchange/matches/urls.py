from django.urls import URLPattern, URLResolver, path

from enishi.exchange.matches import views_choices, views_contacts, views_joint, views_rankings, views_reach

app_name = "matches"
urlpatterns: list[URLPattern | URLResolver] = [
    path("challenges/<int:pk>/matches/", views_rankings.challenge_matches, name="challenge_matches"),
    path("challenges/<int:pk>/combinations/", views_joint.combinations, name="combinations"),
    path("challenges/<int:pk>/joint/", views_joint.joint_new, name="joint_new"),
    path("resources/<int:pk>/matches/", views_rankings.resource_matches, name="resource_matches"),
    path("matches/", views_rankings.pairs, name="pairs"),
    path("matches/again/", views_rankings.pairs_again, name="pairs_again"),
    path("matches/seen/", views_rankings.pairs_seen, name="pairs_seen"),
    path("matches/<int:challenge_id>/<int:resource_id>/", views_rankings.pair, name="pair"),
    path("matches/<int:challenge_id>/<int:resource_id>/keep/", views_contacts.keep, name="pair_keep"),
    path("matches/<int:challenge_id>/<int:resource_id>/contact/", views_contacts.begin, name="pair_contact"),
    path("matches/contacts/", views_contacts.contact_list, name="contact_list"),
    path("matches/contacts/<int:pk>/", views_contacts.contact_detail, name="contact_detail"),
    path("matches/contacts/<int:pk>/note/", views_contacts.contact_note, name="contact_note"),
    path("matches/contacts/<int:pk>/move/", views_contacts.contact_move, name="contact_move"),
    path("matches/contacts/<int:pk>/outcome/", views_contacts.contact_outcome, name="contact_outcome"),
    path("matches/contacts/<int:pk>/letter/", views_contacts.contact_letter, name="contact_letter"),
    path("matches/joint/", views_joint.joint_list, name="joint_list"),
    path("matches/joint/<int:pk>/", views_joint.joint_detail, name="joint_detail"),
    path("matches/joint/answers/<int:pk>/", views_joint.joint_answer, name="joint_answer"),
    path("matches/reach/", views_reach.reach, name="reach"),
    path("matches/reach/chart.svg", views_reach.reach_chart, name="reach_chart"),
    path("matches/reach/numbers.csv", views_reach.reach_numbers, name="reach_numbers"),
    path("matches/reach/floor/", views_reach.reach_floor, name="reach_floor"),
    path("matches/weights/", views_choices.weights, name="weights"),
    path("matches/weights/learn/", views_choices.weights_learn, name="weights_learn"),
    path("matches/weights/<int:number>/use/", views_choices.weights_use, name="weights_use"),
    path("matches/conflicts/", views_choices.conflicts, name="conflicts"),
    path("matches/conflicts/<int:pk>/end/", views_choices.conflict_end, name="conflict_end"),
]
