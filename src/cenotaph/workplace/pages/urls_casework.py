"""Addresses of evidence, decisions, talks and imports."""

from __future__ import annotations

from django.urls import path

from cenotaph.workplace.pages import (
    decisions,
    imports,
    individuals,
    language,
    photos,
    reading,
    receipts,
    runs,
    talks,
    unmask,
)

urlpatterns = [
    path("evidence/", runs.runs, name="runs"),
    path("evidence/start/", runs.start, name="start_run"),
    path("evidence/jobs/<int:id_>/", runs.job, name="job"),
    path("evidence/compare/", runs.compare, name="compare_runs"),
    path("evidence/runs/<int:id_>/", runs.run, name="run"),
    path("evidence/runs/<int:id_>/freeze/", runs.freeze, name="freeze_run"),
    path("evidence/runs/<int:id_>/<path:individual_id>/opinion/", decisions.sign_opinion, name="sign_opinion"),
    path("evidence/runs/<int:id_>/<path:individual_id>/", individuals.run_individual, name="run_individual"),
    path("decisions/", decisions.decisions_list, name="decisions"),
    path("decisions/write/", decisions.sign_opinion, name="write_opinion"),
    path("decisions/<int:id_>/", decisions.opinion, name="opinion"),
    path("decisions/<int:id_>/review/", decisions.review_opinion, name="review_opinion"),
    path("decisions/<int:id_>/decide/", decisions.rule_opinion, name="rule_opinion"),
    path("decisions/<int:id_>/re-open/", decisions.reopen_opinion, name="reopen_opinion"),
    path("decisions/<int:id_>/family/", decisions.tell_family, name="tell_family"),
    path("decisions/<int:id_>/memorandum.<str:kind>", decisions.memorandum_file, name="memorandum"),
    path("talks/", talks.talks, name="talks"),
    path("talks/reading/", reading.desk, name="reading"),
    path("talks/reading/<int:id_>/", reading.report, name="report"),
    path("talks/reading/<int:id_>/enter/", reading.enter_report, name="enter_report"),
    path("talks/<str:name>.html", talks.account, name="account"),
    path("sites/", talks.sites, name="sites"),
    path("unmask/", unmask.unmask, name="unmask"),
    path("import/", imports.imports_list, name="imports"),
    path("import/<int:id_>/", imports.one_import, name="import"),
    path("import/<int:id_>/apply/", imports.apply_import, name="apply_import"),
    path("import/<int:id_>/undo/", imports.undo_import, name="undo_import"),
    path("import/<int:id_>/give-up/", imports.give_up_import, name="give_up_import"),
    path("receipts/", receipts.receipts, name="receipts"),
    path("photos/<int:id_>/<str:size>.jpg", photos.photo, name="photo"),
    path("photos/<int:id_>/remove/", photos.remove_photo, name="remove_photo"),
    path("photos/<str:kind>/<path:key>/", photos.photos_of, name="photos"),
    path("language/", language.language, name="language"),
    path("export/", imports.export, name="export"),
]
