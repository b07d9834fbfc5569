"""Tables of the accounting wing: sources and claims, talks, promises, ground, handovers, money and figures."""

from __future__ import annotations

from types import MappingProxyType

from cenotaph.dossier.declaration import Column, Table, filled, key, latitude, longitude, note, radius, reference

ACCOUNT = "What is accounted for"

ENGAGEMENT_KINDS = (
    "talks",
    "summit",
    "agreement",
    "visit",
    "statement",
    "exchange_of_messages",
    "no_show",
    "cancellation",
    "suspension",
    "hearing",
    "briefing",
    "handover",
    "ceremony",
    "assessment",
    "order",
    "appointment",
)
COMMITMENT_STATUSES = (
    "open",
    "fulfilled",
    "fulfilled_in_part",
    "lapsed",
    "broken",
    "withdrawn",
    "not_verified",
)
SITE_KINDS = (
    "battlefield",
    "camp",
    "cemetery",
    "march_route",
    "isolated_burial",
    "laboratory",
    "negotiation_site",
    "transfer_site",
)

CLAIM_SUBJECTS = MappingProxyType(
    {
        "incidents": "incidents.incident_id",
        "containers": "containers.container_id",
        "people": "people.person_id",
        "engagements": "engagements.engagement_id",
        "commitments": "commitments.commitment_id",
        "sites": "sites.site_id",
        "operations": "operations.operation_id",
        "transfers": "transfers.transfer_id",
        "payments": "payments.payment_id",
        "figures": "figures.figure_id",
    }
)
"""Tables that a claim may be about, with the column that names the row."""

PARTS = MappingProxyType(
    {
        "engagements": ("participants", "topics", "itinerary"),
        "people": ("offices",),
        "sites": ("access",),
        "transfers": ("movements",),
    }
)
"""Tables whose rows belong to a row of another; a claim on the row names the whole of them as its field."""


_FULFILMENTS = "transfers.transfer_id operations.operation_id payments.payment_id engagements.engagement_id"


def _part_of(table: str, column: str) -> Column:
    return reference("part_of", f"{table}.{column}", "the larger whole that this row is counted in; never added to it")


def _alternative_to(table: str, column: str) -> Column:
    return reference("alternative_to", f"{table}.{column}", "the row that this one gives another count of; never added")


def _count(name: str, meaning: str) -> Column:
    return Column(name, "integer", meaning, least=0)


def _dollars(name: str, meaning: str) -> Column:
    return Column(name, "number", meaning, least=0, unit="US dollar")


def _arithmetic(meaning: str) -> Column:
    return Column("arithmetic", "text", meaning, missing="not derived")


_RECORD = (
    Table(
        "sources",
        ACCOUNT,
        "A source: what was read, and how far its publisher is trusted.",
        (
            key("source_id", "identifier of the source"),
            Column("title", "text", "title, with its date"),
            Column("publisher", "text", "who published it"),
            filled("kind", "text", "kind", ("official", "news", "academic", "reference", "interview")),
            Column("url", "text", "address"),
            Column("published_on", "date", "date of publication"),
            Column("retrieved_on", "date", "date on which it was read"),
            Column("language", "text", "language, as en"),
            Column("text_file", "text", "file that holds its text"),
            filled("reliability", "text", "Admiralty grade of the source", ("A", "B", "C", "D", "E", "F")),
            note(),
        ),
    ),
    Table(
        "claims",
        ACCOUNT,
        "One statement by one source about one field of one row. What the record shows is chosen from the claims.",
        (
            key("claim_id", "identifier of the claim"),
            reference("source_id", "sources.source_id", "source", gives_meaning=True),
            filled(
                "attribution",
                "text",
                "who stands behind it",
                ("on_record", "unnamed_official", "unnamed_source", "document", "none"),
            ),
            Column(
                "attributed_to", "text", "the voice: a person, office or document; of the unnamed, how it is described"
            ),
            Column(
                "via", "text", "who reported whom, from the voice outward, joined by >: Yonhap > The Washington Post"
            ),
            filled("subject_table", "text", "table of the row it is about", tuple(CLAIM_SUBJECTS)),
            Column(
                "subject_id",
                "id",
                "the row it is about",
                required=True,
                filled=True,
                references_by=("subject_table", CLAIM_SUBJECTS),
                missing="not allowed",
            ),
            filled("field", "text", "column of that row, or a table of its parts; * for the rest of the row"),
            Column("value", "text", "what is claimed", missing="the row as it stands, where field is *"),
            Column("value_low", "number", "least value that the words allow"),
            Column("value_high", "number", "greatest value that the words allow"),
            Column("as_of", "date", "when it was true"),
            Column("stated_on", "date", "when it was said"),
            Column(
                "credibility",
                "integer",
                "Admiralty grade: 1 confirmed to 5 improbable, 6 cannot be judged",
                least=1,
                most=6,
            ),
            Column("passage", "text", "the few words that it rests on"),
            note(),
        ),
    ),
    Table(
        "people",
        ACCOUNT,
        "A person who negotiates, decides or speaks; never one of the missing.",
        (
            key("person_id", "identifier of the person"),
            filled("name", "text", "name"),
            Column("other_names", "text", "other spellings, joined by ;"),
            Column("party", "text", "party"),
            note(),
        ),
    ),
    Table(
        "offices",
        ACCOUNT,
        "An office and rank that a person held for a time.",
        (
            reference("person_id", "people.person_id", "person", gives_meaning=True),
            Column("office", "text", "office"),
            Column("organisation", "text", "organisation"),
            Column("rank", "text", "rank"),
            Column("from_date", "date", "first day known", missing="not known: no limit"),
            Column("to_date", "date", "last day", missing="not known: no limit"),
            note(),
        ),
    ),
    Table(
        "engagements",
        ACCOUNT,
        "A meeting, message, statement or stop, held or not.",
        (
            key("engagement_id", "identifier of the engagement"),
            filled("track", "text", "track", ("remains", "nuclear", "armistice", "humanitarian", "other")),
            Column("from_date", "date", "first day"),
            Column("to_date", "date", "last day", missing="the first day"),
            filled("kind", "text", "kind", ENGAGEMENT_KINDS),
            Column("level", "text", "rank of the meeting, as general, working or head_of_state"),
            Column("title", "text", "what it was, in a few words"),
            Column("place", "text", "where"),
            latitude(),
            longitude(),
            radius(),
            Column("parties", "text", "parties, joined by ;"),
            Column("agenda", "text", "what it was to deal with"),
            Column("outcome", "text", "what came of it"),
            filled("status", "text", "status", ("planned", "held", "missed", "cancelled", "moved")),
            reference("follows", "engagements.engagement_id", "the engagement that it follows from"),
            reference("precedes", "engagements.engagement_id", "the engagement that it leads to"),
            note(),
        ),
    ),
    Table(
        "itinerary",
        ACCOUNT,
        "A stop of a journey.",
        (
            reference("engagement_id", "engagements.engagement_id", "journey", gives_meaning=True),
            Column("leg", "integer", "number of the stop", required=True, filled=True, least=1, missing="not allowed"),
            filled("place", "text", "place"),
            Column("from_date", "date", "first day"),
            Column("to_date", "date", "last day"),
        ),
        unique=("engagement_id", "leg"),
    ),
    Table(
        "topics",
        ACCOUNT,
        "A topic of an engagement.",
        (
            reference("engagement_id", "engagements.engagement_id", "engagement", gives_meaning=True),
            filled("topic", "text", "topic"),
            Column("raised_by", "text", "party that raised it"),
        ),
        unique=("engagement_id", "topic", "raised_by"),
    ),
    Table(
        "participants",
        ACCOUNT,
        "Who took part in an engagement.",
        (
            reference("engagement_id", "engagements.engagement_id", "engagement", gives_meaning=True),
            reference("person_id", "people.person_id", "person; empty for one who is not named"),
            Column("described_as", "text", "the person who is not named, or the group, in words"),
            Column("party", "text", "party that they came for"),
            Column("office", "text", "office in which they came; must be one of the person's offices on that day"),
            Column(
                "role",
                "text",
                "role",
                vocabulary=("leads", "attends", "mediates"),
                default="attends",
                missing="attends",
            ),
        ),
    ),
    Table(
        "commitments",
        ACCOUNT,
        "A promise, demand, offer or refusal, and what became of it.",
        (
            key("commitment_id", "identifier of the commitment"),
            reference("engagement_id", "engagements.engagement_id", "engagement at which it was made"),
            filled("kind", "text", "kind", ("promise", "demand", "offer", "refusal")),
            Column("made_by", "text", "party that made it"),
            Column("made_to", "text", "party that it was made to"),
            Column("made_on", "date", "when it was made", missing="the last day of its engagement"),
            Column("text", "text", "what was promised"),
            Column("due", "date", "when it is due", missing="no date was set"),
            filled("status", "text", "status", COMMITMENT_STATUSES),
            Column("status_as_of", "date", "date for which the status holds"),
            Column(
                "fulfilled_by",
                "ids",
                "transfers, operations, payments or engagements that fulfilled it",
                references=_FULFILMENTS,
                missing="nothing",
            ),
            Column("shortfall", "text", "what is missing"),
            note(),
        ),
    ),
)

_GROUND = (
    Table(
        "sites",
        ACCOUNT,
        "A place where the missing are thought to lie, or through which remains or talks passed.",
        (
            key("site_id", "identifier of the site"),
            filled("name", "text", "name"),
            Column("other_names", "text", "other names, joined by ;"),
            filled("kind", "text", "kind", SITE_KINDS),
            latitude(),
            longitude(),
            radius(),
            Column("controlled_by", "text", "who controls it"),
            Column("region", "text", "province or state"),
            reference("part_of", "sites.site_id", "the larger site that this one is counted in; never added to it"),
            reference("incident_id", "incidents.incident_id", "loss incident"),
            _count("estimated_missing_low", "least number of the missing there"),
            _count("estimated_missing_high", "greatest number of the missing there"),
            Column("estimated_as_of", "date", "date of the estimate"),
            Column(
                "side_of_parallel_38",
                "text",
                "side of the 38th parallel, where it is stated",
                vocabulary=("north", "south", "both"),
                missing="computed from the place",
            ),
            Column(
                "side_of_demarcation_line",
                "text",
                "side of the Military Demarcation Line, where it is stated",
                vocabulary=("north", "south", "within_dmz", "both"),
                missing="computed from the place, or not in Korea",
            ),
            note(),
        ),
    ),
    Table(
        "access",
        ACCOUNT,
        "For how long a site could be reached.",
        (
            reference("site_id", "sites.site_id", "site", gives_meaning=True),
            Column("from_date", "date", "first day"),
            Column("to_date", "date", "last day", missing="not ended, or not known"),
            filled("status", "text", "status", ("open", "refused", "surveyed_only", "unknown")),
            Column("granted_by", "text", "who granted it"),
            note(),
        ),
    ),
    Table(
        "operations",
        ACCOUNT,
        "Work on the ground: a season of recovery, a disinterment, an investigation.",
        (
            key("operation_id", "identifier of the operation"),
            reference("site_id", "sites.site_id", "site"),
            Column("area", "text", "where, in words"),
            Column("from_date", "date", "first day"),
            Column("to_date", "date", "last day"),
            Column("operator", "text", "who did it"),
            Column("partner", "text", "with whom"),
            filled("kind", "text", "kind", ("joint_recovery", "unilateral", "disinterment", "investigation")),
            _count("operations_count", "number of operations that the row stands for"),
            Column("team_days", "number", "days of work times teams", least=0, unit="day"),
            _count("remains_recovered", "sets of remains, or caskets at a disinterment"),
            _dollars("cost_usd", "cost"),
            latitude(),
            longitude(),
            radius(),
            Column("basis", "text", "whether the numbers are stated or derived", vocabulary=("stated", "derived")),
            _arithmetic("how a derived number of remains follows from other rows; see figures.arithmetic"),
            _part_of("operations", "operation_id"),
            _alternative_to("operations", "operation_id"),
            note(),
        ),
    ),
    Table(
        "transfers",
        ACCOUNT,
        "A transfer of remains between parties. Claimed, assessed and identified are three numbers with three dates.",
        (
            key("transfer_id", "identifier of the transfer"),
            Column("from_party", "text", "who handed over"),
            Column("to_party", "text", "who received"),
            Column("on_date", "date", "date"),
            Column("place", "text", "where"),
            latitude(),
            longitude(),
            radius(),
            Column("mechanism", "text", "unilateral turnover, joint recovery, disinterment, ..."),
            _count("containers", "number of containers"),
            _count("claimed_individuals", "number of individuals that the giver claims"),
            _count("assessed_low", "least number of individuals by the laboratory"),
            _count("assessed_high", "greatest number of individuals by the laboratory"),
            Column("assessed_as_of", "date", "date for which the assessed numbers hold"),
            _count("identified_own", "individuals identified as the receiver's own"),
            _count("identified_other", "individuals identified as others"),
            Column("identified_as_of", "date", "date for which the identified numbers hold"),
            reference("destination_site_id", "sites.site_id", "where the remains went"),
            Column("series", "text", "series of transfers that this one belongs to"),
            reference("engagement_id", "engagements.engagement_id", "talk that led to it"),
            _part_of("transfers", "transfer_id"),
            _alternative_to("transfers", "transfer_id"),
            note(),
        ),
    ),
    Table(
        "movements",
        ACCOUNT,
        "A leg of the way of a transfer; custody passes at each.",
        (
            reference("transfer_id", "transfers.transfer_id", "transfer", gives_meaning=True),
            Column("leg", "integer", "number of the leg", required=True, filled=True, least=1, missing="not allowed"),
            Column("from_place", "text", "from where"),
            Column("to_place", "text", "to where"),
            Column("on_date", "date", "date"),
            Column("by", "text", "who carried them, and how"),
        ),
        unique=("transfer_id", "leg"),
    ),
)

_MONEY_AND_FIGURES = (
    Table(
        "payments",
        ACCOUNT,
        "Money paid, agreed, asked or refused.",
        (
            key("payment_id", "identifier of the payment"),
            Column("payer", "text", "who pays"),
            Column("payee", "text", "who is paid"),
            Column("on_date", "date", "date"),
            filled("kind", "text", "kind", ("reimbursement", "demand", "offer", "compensation")),
            _dollars("amount_usd", "amount"),
            _dollars("low", "least amount"),
            _dollars("high", "greatest amount"),
            filled("status", "text", "status", ("paid", "agreed", "demanded", "refused", "disputed", "not_verified")),
            Column(
                "for_transfer", "ids", "transfers that it is for", references="transfers.transfer_id", missing="none"
            ),
            Column(
                "for_operation", "ids", "operations it is for", references="operations.operation_id", missing="none"
            ),
            Column(
                "overlaps",
                "ids",
                "payments of which some money is the same; never added together",
                references="payments.payment_id",
                missing="none",
            ),
            note(),
        ),
    ),
    Table(
        "series",
        ACCOUNT,
        "What the numbers of a series of figures count.",
        (
            key("series", "name of the series"),
            filled("definition", "text", "what is counted, and what is not"),
            Column("unit", "text", "unit"),
            _arithmetic("series, numbers and + - * / ( ), space separated, that give this series at any date"),
            note(),
        ),
    ),
    Table(
        "figures",
        ACCOUNT,
        "A number that was true at one date and known from another.",
        (
            key("figure_id", "identifier of the figure"),
            filled("series", "text", "series, as unaccounted_total, unaccounted_north_of_38, identified"),
            filled("as_of", "date", "when it was true"),
            Column("known_from", "date", "when the source said so", missing="as_of"),
            Column("value", "number", "value", missing="only bounds are known"),
            Column("low", "number", "least value"),
            Column("high", "number", "greatest value"),
            Column("unit", "text", "unit"),
            reference("source_id", "sources.source_id", "source"),
            _alternative_to("figures", "figure_id"),
            _arithmetic("figures, table rows (OPS-1996.remains_recovered), numbers and + - * / ( ), space separated"),
            note(),
        ),
    ),
)

ACCOUNTING_TABLES = (*_RECORD, *_GROUND, *_MONEY_AND_FIGURES)
"""Every table of the wing, in the order of the reference page."""
