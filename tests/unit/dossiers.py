"""Small dossiers for tests."""

from __future__ import annotations

from pathlib import Path

SOUND = {
    "missing": "missing_id,family_name,sex,birth_date,population,incident_id,loss_date\n"
    'M1,"Doe, Jr.",M,1929-03-27,white,UNSAN,1950-11-01\nM2,Roe,M,1930-05,black,UNSAN,1950-11?\n',
    "incidents": "incident_id,name,from_date,to_date\nUNSAN,Unsan,1950-11-01,1950-11-30\n",
    "relatives": "family_id,person_id,father_id,mother_id,sex,missing_id\n"
    "F1,F1.F,,,M,\nF1,F1.M,,,F,\nF1,F1.C,F1.F,F1.M,M,M1\nF1,F1.S,F1.F,F1.M,F,\n",
    "containers": "container_id,label\nBOX1,1\n",
    "specimens": "specimen_id,container_id,element,side,zones,completeness\n"
    "S1,BOX1,femur,L,1 2 3,0.5\nS2,BOX1,cranium,M,complete,1\n",
    "measurements": "specimen_id,code,value_mm\nS1,Fem_01,425.70\n",
    "dental_charts": "subject_type,subject_id,tooth,code\nmissing,M1,11,V\nspecimen,S2,36,MOD-S\n",
    "samples": "sample_id,origin,origin_id\nB1,specimen,S1\nB2,specimen,S2\nR1,relative,F1.S\n",
    "str_profiles": "sample_id,replicate,marker,allele_1,allele_2,more_alleles\n"
    "B1,1,TH01,6,9.3,\nB1,1,VWA,16,,\nB2,1,Penta D,9,13,\nR1,1,AMEL,X,X,\n",
    "ystr_profiles": "sample_id,marker,alleles\nB1,DYS19,14\nB1,DYS385,11-14\n",
    "mtdna_profiles": "sample_id,ranges,differences\nB1,16024-16365 73-340,263G 315.1C\n",
}  # fmt: skip
"""A dossier without a fault."""


def write_tables(folder: Path, **changed: str | bytes | None) -> Path:
    """Writes the sound dossier with some tables changed, added, or (None) left out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {**SOUND, **changed}.items():
        if text is not None:
            data = text if isinstance(text, bytes) else text.encode()
            (folder / f"{name}.csv").write_bytes(data)
    return folder


def with_row(table: str, row: str) -> str:
    """A table of the sound dossier with one row more."""
    return SOUND[table] + row + "\n"
