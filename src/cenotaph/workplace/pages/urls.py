"""Addresses of the pages."""

from __future__ import annotations

from django.urls import path

from cenotaph.workplace.api.urls import URLS as API
from cenotaph.workplace.pages import (
    accounts,
    bones,
    boxes,
    families,
    handovers,
    home,
    individuals,
    ledger,
    own,
    people,
    search,
    second_factor,
    urls_casework,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("style/<slug:mark>.css", home.style, name="style"),
    path("script/<slug:mark>.js", home.script, name="script"),
    path("setup/", accounts.setup, name="setup"),
    path("sign-in/", accounts.sign_in, name="sign_in"),
    path("sign-in/code/", second_factor.code, name="code"),
    path("second-factor/", second_factor.enrol, name="enrol"),
    path("own/", own.own, name="own"),
    path("own/password/", own.password, name="own_password"),
    path("own/tokens/<int:id_>/revoke/", own.revoke_token, name="revoke_token"),
    path("people/<int:id_>/password/", accounts.reset_password, name="reset_password"),
    path("people/<int:id_>/second-factor/", second_factor.reset, name="reset_second_factor"),
    path("sign-out/", accounts.sign_out, name="sign_out"),
    path("people/", accounts.users, name="users"),
    path("people/add/", accounts.add_user, name="add_user"),
    path("people/<int:id_>/close/", accounts.close_user, name="close_user"),
    path("handovers/", handovers.handovers, name="handovers"),
    path("handovers/boxes/", handovers.boxes, name="boxes"),
    path("handovers/boxes/<path:key>/", boxes.box, name="box"),
    path("handovers/boxes/<path:key>/labels.pdf", boxes.labels, name="labels"),
    path("bench/", bones.bench, name="bench"),
    path("bench/<path:key>/", bones.bone, name="bone"),
    path("individuals/", individuals.individuals, name="individuals"),
    path("individuals/<path:key>/", individuals.latest_individual, name="latest_individual"),
    path("missing/", people.missing, name="missing"),
    path("missing/<path:key>/", people.man, name="man"),
    path("families/", families.families, name="families"),
    path("families/<path:key>/", families.family, name="family"),
    path("search/", search.search, name="search"),
    path("search/keep/", search.keep_search, name="keep_search"),
    path("search/<int:id_>/forget/", search.forget_search, name="forget_search"),
    path("ledger/", ledger.ledger, name="ledger"),
    *urls_casework.urlpatterns,
    path("api/", API),
]

handler404 = "cenotaph.workplace.pages.errors.not_found"
handler500 = "cenotaph.workplace.pages.errors.failed"
handler400 = "cenotaph.workplace.pages.errors.bad"
handler403 = "cenotaph.workplace.pages.errors.not_found"
