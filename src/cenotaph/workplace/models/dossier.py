"""The tables of a dossier as models. Made from the registry by `models/generate.py`; do not edit."""

from __future__ import annotations

from django.db import models

from cenotaph.workplace.models.base import DossierRow, SubjectRow
from cenotaph.workplace.models.fields import Cell, SecretCell


class Missing(SubjectRow):
    """A missing person."""

    missing_id = Cell()
    family_name = SecretCell()
    given_names = SecretCell()
    sex = Cell()
    birth_date = Cell()
    population = Cell()
    stature_cm = Cell()
    service = Cell()
    grade = Cell()
    unit = Cell()
    service_number = SecretCell()
    home_of_record = SecretCell()
    incident_id = Cell()
    loss_date = Cell()
    latitude = Cell()
    longitude = Cell()
    radius_km = Cell()
    status = Cell()
    note = SecretCell()

    class Meta:
        db_table = "missing"
        constraints = (models.UniqueConstraint(fields=["missing_id"], name="missing_key"),)
        indexes = (models.Index(fields=["incident_id"], name="missing_incident_id_i"),)


class Incidents(DossierRow):
    """A loss incident: a battle, camp, march or crash."""

    incident_id = Cell()
    name = Cell()
    from_date = Cell()
    to_date = Cell()
    latitude = Cell()
    longitude = Cell()
    radius_km = Cell()
    note = Cell()

    class Meta:
        db_table = "incidents"
        constraints = (models.UniqueConstraint(fields=["incident_id"], name="incidents_key"),)


class Relatives(SubjectRow):
    """A member of a family's pedigree: donors, the missing, and those who only connect them."""

    family_id = Cell()
    person_id = Cell()
    father_id = Cell()
    mother_id = Cell()
    sex = Cell()
    missing_id = Cell()
    note = SecretCell()

    class Meta:
        db_table = "relatives"
        constraints = (models.UniqueConstraint(fields=["person_id"], name="relatives_key"),)
        indexes = (
            models.Index(fields=["father_id"], name="relatives_father_id_i"),
            models.Index(fields=["mother_id"], name="relatives_mother_id_i"),
            models.Index(fields=["missing_id"], name="relatives_missing_id_i"),
        )


class Containers(DossierRow):
    """A box, as declared by whoever handed it over."""

    container_id = Cell()
    transfer_id = Cell()
    received_on = Cell()
    label = Cell()
    claimed_place = Cell()
    claimed_incident_id = Cell()
    latitude = Cell()
    longitude = Cell()
    note = Cell()

    class Meta:
        db_table = "containers"
        constraints = (models.UniqueConstraint(fields=["container_id"], name="containers_key"),)
        indexes = (
            models.Index(fields=["transfer_id"], name="containers_transfer_id_i"),
            models.Index(fields=["claimed_incident_id"], name="containers_claimed_incident_i"),
        )


class Specimens(DossierRow):
    """A bone, or fragment of a bone, as inventoried."""

    specimen_id = Cell()
    container_id = Cell()
    element = Cell()
    side = Cell()
    zones = Cell()
    completeness = Cell()
    weight_g = Cell()
    sex = Cell()
    age_from = Cell()
    age_to = Cell()
    population = Cell()
    note = Cell()

    class Meta:
        db_table = "specimens"
        constraints = (models.UniqueConstraint(fields=["specimen_id"], name="specimens_key"),)
        indexes = (models.Index(fields=["container_id"], name="specimens_container_id_i"),)


class Measurements(DossierRow):
    """A measurement of a bone."""

    specimen_id = Cell()
    code = Cell()
    value_mm = Cell()
    observer = Cell()
    replicate = Cell()

    class Meta:
        db_table = "measurements"
        indexes = (models.Index(fields=["specimen_id"], name="measurements_specimen_id_i"),)


class AgeStages(DossierRow):
    """A stage of a feature that tells age."""

    specimen_id = Cell()
    method = Cell()
    feature = Cell()
    stage = Cell()
    observer = Cell()

    class Meta:
        db_table = "age_stages"
        indexes = (models.Index(fields=["specimen_id"], name="age_stages_specimen_id_i"),)


class Associations(DossierRow):
    """What an examiner says of two specimens."""

    specimen_a = Cell()
    specimen_b = Cell()
    kind = Cell()
    grade = Cell()
    observer = Cell()
    reason = Cell()

    class Meta:
        db_table = "associations"
        indexes = (
            models.Index(fields=["specimen_a"], name="associations_specimen_a_i"),
            models.Index(fields=["specimen_b"], name="associations_specimen_b_i"),
        )


class DentalCharts(DossierRow):
    """The state of one tooth of a missing person or of a specimen."""

    subject_type = Cell()
    subject_id = Cell()
    tooth = Cell()
    code = Cell()
    charted_on = Cell()

    class Meta:
        db_table = "dental_charts"
        indexes = (models.Index(fields=["subject_id"], name="dental_chart_subject_id_i"),)


class Outlines(DossierRow):
    """A point of a closed outline, points in order."""

    subject_type = Cell()
    subject_id = Cell()
    structure = Cell()
    side = Cell()
    view = Cell()
    point = Cell()
    x = Cell()
    y = Cell()

    class Meta:
        db_table = "outlines"
        indexes = (models.Index(fields=["subject_id"], name="outlines_subject_id_i"),)


class Isotopes(DossierRow):
    """An isotope ratio of a specimen."""

    specimen_id = Cell()
    tissue = Cell()
    ratio = Cell()
    value = Cell()

    class Meta:
        db_table = "isotopes"
        indexes = (models.Index(fields=["specimen_id"], name="isotopes_specimen_id_i"),)


class Effects(SubjectRow):
    """An object found with remains."""

    effect_id = Cell()
    container_id = Cell()
    specimen_id = Cell()
    kind = Cell()
    inscription = SecretCell()
    missing_id = Cell()
    note = SecretCell()

    class Meta:
        db_table = "effects"
        constraints = (models.UniqueConstraint(fields=["effect_id"], name="effects_key"),)
        indexes = (
            models.Index(fields=["container_id"], name="effects_container_id_i"),
            models.Index(fields=["specimen_id"], name="effects_specimen_id_i"),
            models.Index(fields=["missing_id"], name="effects_missing_id_i"),
        )


class Decisions(DossierRow):
    """What examiners have settled; identify takes it as a constraint."""

    decision_id = Cell()
    kind = Cell()
    specimen_ids = Cell()
    missing_id = Cell()
    decided_on = Cell()
    by = Cell()
    note = Cell()

    class Meta:
        db_table = "decisions"
        constraints = (models.UniqueConstraint(fields=["decision_id"], name="decisions_key"),)
        indexes = (models.Index(fields=["missing_id"], name="decisions_missing_id_i"),)


class Samples(DossierRow):
    """A sample taken for DNA."""

    sample_id = Cell()
    origin = Cell()
    origin_id = Cell()
    material = Cell()
    laboratory = Cell()
    collected_on = Cell()
    note = Cell()

    class Meta:
        db_table = "samples"
        constraints = (models.UniqueConstraint(fields=["sample_id"], name="samples_key"),)
        indexes = (models.Index(fields=["origin_id"], name="samples_origin_id_i"),)


class StrProfiles(SubjectRow):
    """The genotype of a sample at one autosomal or X marker."""

    sample_id = Cell()
    replicate = Cell()
    marker = Cell()
    allele_1 = SecretCell()
    allele_2 = SecretCell()
    more_alleles = SecretCell()

    class Meta:
        db_table = "str_profiles"
        indexes = (models.Index(fields=["sample_id"], name="str_profiles_sample_id_i"),)


class YstrProfiles(SubjectRow):
    """The allele of a sample at one Y marker."""

    sample_id = Cell()
    marker = Cell()
    alleles = SecretCell()

    class Meta:
        db_table = "ystr_profiles"
        indexes = (models.Index(fields=["sample_id"], name="ystr_profile_sample_id_i"),)


class MtdnaProfiles(SubjectRow):
    """The mitochondrial DNA of a sample; outside the ranges nothing is known."""

    sample_id = Cell()
    ranges = Cell()
    differences = SecretCell()

    class Meta:
        db_table = "mtdna_profiles"
        indexes = (models.Index(fields=["sample_id"], name="mtdna_profil_sample_id_i"),)


class Frequencies(DossierRow):
    """The frequency of an allele in a population; used before the tables that ship."""

    marker = Cell()
    allele = Cell()
    population = Cell()
    frequency = Cell()
    chromosomes = Cell()

    class Meta:
        db_table = "frequencies"


class ReferenceHaplotypes(DossierRow):
    """A haplotype of a reference population, with its count."""

    kind = Cell()
    population = Cell()
    ranges = Cell()
    markers = Cell()
    haplotype = Cell()
    count = Cell()

    class Meta:
        db_table = "reference_haplotypes"


class TestCosts(DossierRow):
    """The cost of a further test."""

    action = Cell()
    element = Cell()
    relation = Cell()
    cost = Cell()

    class Meta:
        db_table = "test_costs"


class Individuals(DossierRow):
    """A person inferred from specimens."""

    individual_id = Cell()
    specimens = Cell()
    missing_id = Cell()
    probability = Cell()
    runner_up_id = Cell()
    runner_up_probability = Cell()
    origin = Cell()
    verdict = Cell()
    lines = Cell()
    conflicts = Cell()
    reason = Cell()

    class Meta:
        db_table = "individuals"
        constraints = (models.UniqueConstraint(fields=["individual_id"], name="individuals_key"),)
        indexes = (
            models.Index(fields=["missing_id"], name="individuals_missing_id_i"),
            models.Index(fields=["runner_up_id"], name="individuals_runner_up_id_i"),
        )


class Assignments(DossierRow):
    """The most probable answer for a specimen."""

    specimen_id = Cell()
    individual_id = Cell()
    missing_id = Cell()
    probability = Cell()

    class Meta:
        db_table = "assignments"
        indexes = (
            models.Index(fields=["specimen_id"], name="assignments_specimen_id_i"),
            models.Index(fields=["individual_id"], name="assignments_individual_id_i"),
            models.Index(fields=["missing_id"], name="assignments_missing_id_i"),
        )


class Candidates(DossierRow):
    """One of the ten best names for an individual."""

    individual_id = Cell()
    rank = Cell()
    missing_id = Cell()
    probability = Cell()
    log10_lr_total = Cell()
    log10_lr_origin = Cell()

    class Meta:
        db_table = "candidates"
        indexes = (
            models.Index(fields=["individual_id"], name="candidates_individual_id_i"),
            models.Index(fields=["missing_id"], name="candidates_missing_id_i"),
        )


class Links(DossierRow):
    """Two specimens that may be of one person."""

    specimen_a = Cell()
    specimen_b = Cell()
    probability_same = Cell()
    log10_lr_total = Cell()

    class Meta:
        db_table = "links"
        indexes = (
            models.Index(fields=["specimen_a"], name="links_specimen_a_i"),
            models.Index(fields=["specimen_b"], name="links_specimen_b_i"),
        )


class NextTests(DossierRow):
    """A further test, by what it is expected to bring."""

    rank = Cell()
    action = Cell()
    subject_id = Cell()
    expected_names = Cell()
    cost = Cell()
    reason = Cell()

    class Meta:
        db_table = "next_tests"


class Sources(DossierRow):
    """A source: what was read, and how far its publisher is trusted."""

    source_id = Cell()
    title = Cell()
    publisher = Cell()
    kind = Cell()
    url = Cell()
    published_on = Cell()
    retrieved_on = Cell()
    language = Cell()
    text_file = Cell()
    reliability = Cell()
    note = Cell()

    class Meta:
        db_table = "sources"
        constraints = (models.UniqueConstraint(fields=["source_id"], name="sources_key"),)


class Claims(DossierRow):
    """One statement by one source about one field of one row."""

    claim_id = Cell()
    source_id = Cell()
    attribution = Cell()
    attributed_to = Cell()
    via = Cell()
    subject_table = Cell()
    subject_id = Cell()
    field = Cell()
    value = Cell()
    value_low = Cell()
    value_high = Cell()
    as_of = Cell()
    stated_on = Cell()
    credibility = Cell()
    passage = Cell()
    note = Cell()

    class Meta:
        db_table = "claims"
        constraints = (models.UniqueConstraint(fields=["claim_id"], name="claims_key"),)
        indexes = (
            models.Index(fields=["source_id"], name="claims_source_id_i"),
            models.Index(fields=["subject_id"], name="claims_subject_id_i"),
        )


class People(DossierRow):
    """A person who negotiates, decides or speaks; never one of the missing."""

    person_id = Cell()
    name = Cell()
    other_names = Cell()
    party = Cell()
    note = Cell()

    class Meta:
        db_table = "people"
        constraints = (models.UniqueConstraint(fields=["person_id"], name="people_key"),)


class Offices(DossierRow):
    """An office and rank that a person held for a time."""

    person_id = Cell()
    office = Cell()
    organisation = Cell()
    rank = Cell()
    from_date = Cell()
    to_date = Cell()
    note = Cell()

    class Meta:
        db_table = "offices"
        indexes = (models.Index(fields=["person_id"], name="offices_person_id_i"),)


class Engagements(DossierRow):
    """A meeting, message, statement or stop, held or not."""

    engagement_id = Cell()
    track = Cell()
    from_date = Cell()
    to_date = Cell()
    kind = Cell()
    level = Cell()
    title = Cell()
    place = Cell()
    latitude = Cell()
    longitude = Cell()
    radius_km = Cell()
    parties = Cell()
    agenda = Cell()
    outcome = Cell()
    status = Cell()
    follows = Cell()
    precedes = Cell()
    note = Cell()

    class Meta:
        db_table = "engagements"
        constraints = (models.UniqueConstraint(fields=["engagement_id"], name="engagements_key"),)
        indexes = (
            models.Index(fields=["follows"], name="engagements_follows_i"),
            models.Index(fields=["precedes"], name="engagements_precedes_i"),
        )


class Itinerary(DossierRow):
    """A stop of a journey."""

    engagement_id = Cell()
    leg = Cell()
    place = Cell()
    from_date = Cell()
    to_date = Cell()

    class Meta:
        db_table = "itinerary"
        indexes = (models.Index(fields=["engagement_id"], name="itinerary_engagement_id_i"),)


class Topics(DossierRow):
    """A topic of an engagement."""

    engagement_id = Cell()
    topic = Cell()
    raised_by = Cell()

    class Meta:
        db_table = "topics"
        indexes = (models.Index(fields=["engagement_id"], name="topics_engagement_id_i"),)


class Participants(DossierRow):
    """Who took part in an engagement."""

    engagement_id = Cell()
    person_id = Cell()
    described_as = Cell()
    party = Cell()
    office = Cell()
    role = Cell()

    class Meta:
        db_table = "participants"
        indexes = (
            models.Index(fields=["engagement_id"], name="participants_engagement_id_i"),
            models.Index(fields=["person_id"], name="participants_person_id_i"),
        )


class Commitments(DossierRow):
    """A promise, demand, offer or refusal, and what became of it."""

    commitment_id = Cell()
    engagement_id = Cell()
    kind = Cell()
    made_by = Cell()
    made_to = Cell()
    made_on = Cell()
    text = Cell()
    due = Cell()
    status = Cell()
    status_as_of = Cell()
    fulfilled_by = Cell()
    shortfall = Cell()
    note = Cell()

    class Meta:
        db_table = "commitments"
        constraints = (models.UniqueConstraint(fields=["commitment_id"], name="commitments_key"),)
        indexes = (models.Index(fields=["engagement_id"], name="commitments_engagement_id_i"),)


class Sites(DossierRow):
    """A place where the missing are thought to lie, or through which remains or talks passed."""

    site_id = Cell()
    name = Cell()
    other_names = Cell()
    kind = Cell()
    latitude = Cell()
    longitude = Cell()
    radius_km = Cell()
    controlled_by = Cell()
    region = Cell()
    part_of = Cell()
    incident_id = Cell()
    estimated_missing_low = Cell()
    estimated_missing_high = Cell()
    estimated_as_of = Cell()
    side_of_parallel_38 = Cell()
    side_of_demarcation_line = Cell()
    note = Cell()

    class Meta:
        db_table = "sites"
        constraints = (models.UniqueConstraint(fields=["site_id"], name="sites_key"),)
        indexes = (
            models.Index(fields=["part_of"], name="sites_part_of_i"),
            models.Index(fields=["incident_id"], name="sites_incident_id_i"),
        )


class Access(DossierRow):
    """For how long a site could be reached."""

    site_id = Cell()
    from_date = Cell()
    to_date = Cell()
    status = Cell()
    granted_by = Cell()
    note = Cell()

    class Meta:
        db_table = "access"
        indexes = (models.Index(fields=["site_id"], name="access_site_id_i"),)


class Operations(DossierRow):
    """Work on the ground: a season of recovery, a disinterment, an investigation."""

    operation_id = Cell()
    site_id = Cell()
    area = Cell()
    from_date = Cell()
    to_date = Cell()
    operator = Cell()
    partner = Cell()
    kind = Cell()
    operations_count = Cell()
    team_days = Cell()
    remains_recovered = Cell()
    cost_usd = Cell()
    latitude = Cell()
    longitude = Cell()
    radius_km = Cell()
    basis = Cell()
    arithmetic = Cell()
    part_of = Cell()
    alternative_to = Cell()
    note = Cell()

    class Meta:
        db_table = "operations"
        constraints = (models.UniqueConstraint(fields=["operation_id"], name="operations_key"),)
        indexes = (
            models.Index(fields=["site_id"], name="operations_site_id_i"),
            models.Index(fields=["part_of"], name="operations_part_of_i"),
            models.Index(fields=["alternative_to"], name="operations_alternative_to_i"),
        )


class Transfers(DossierRow):
    """A transfer of remains between parties."""

    transfer_id = Cell()
    from_party = Cell()
    to_party = Cell()
    on_date = Cell()
    place = Cell()
    latitude = Cell()
    longitude = Cell()
    radius_km = Cell()
    mechanism = Cell()
    containers = Cell()
    claimed_individuals = Cell()
    assessed_low = Cell()
    assessed_high = Cell()
    assessed_as_of = Cell()
    identified_own = Cell()
    identified_other = Cell()
    identified_as_of = Cell()
    destination_site_id = Cell()
    series = Cell()
    engagement_id = Cell()
    part_of = Cell()
    alternative_to = Cell()
    note = Cell()

    class Meta:
        db_table = "transfers"
        constraints = (models.UniqueConstraint(fields=["transfer_id"], name="transfers_key"),)
        indexes = (
            models.Index(fields=["destination_site_id"], name="transfers_destination_site_i"),
            models.Index(fields=["engagement_id"], name="transfers_engagement_id_i"),
            models.Index(fields=["part_of"], name="transfers_part_of_i"),
            models.Index(fields=["alternative_to"], name="transfers_alternative_to_i"),
        )


class Movements(DossierRow):
    """A leg of the way of a transfer; custody passes at each."""

    transfer_id = Cell()
    leg = Cell()
    from_place = Cell()
    to_place = Cell()
    on_date = Cell()
    by = Cell()

    class Meta:
        db_table = "movements"
        indexes = (models.Index(fields=["transfer_id"], name="movements_transfer_id_i"),)


class Payments(DossierRow):
    """Money paid, agreed, asked or refused."""

    payment_id = Cell()
    payer = Cell()
    payee = Cell()
    on_date = Cell()
    kind = Cell()
    amount_usd = Cell()
    low = Cell()
    high = Cell()
    status = Cell()
    for_transfer = Cell()
    for_operation = Cell()
    overlaps = Cell()
    note = Cell()

    class Meta:
        db_table = "payments"
        constraints = (models.UniqueConstraint(fields=["payment_id"], name="payments_key"),)


class Series(DossierRow):
    """What the numbers of a series of figures count."""

    series = Cell()
    definition = Cell()
    unit = Cell()
    arithmetic = Cell()
    note = Cell()

    class Meta:
        db_table = "series"
        constraints = (models.UniqueConstraint(fields=["series"], name="series_key"),)


class Figures(DossierRow):
    """A number that was true at one date and known from another."""

    figure_id = Cell()
    series = Cell()
    as_of = Cell()
    known_from = Cell()
    value = Cell()
    low = Cell()
    high = Cell()
    unit = Cell()
    source_id = Cell()
    alternative_to = Cell()
    arithmetic = Cell()
    note = Cell()

    class Meta:
        db_table = "figures"
        constraints = (models.UniqueConstraint(fields=["figure_id"], name="figures_key"),)
        indexes = (
            models.Index(fields=["source_id"], name="figures_source_id_i"),
            models.Index(fields=["alternative_to"], name="figures_alternative_to_i"),
        )
