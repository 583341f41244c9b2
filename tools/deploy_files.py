"""The files of docs/deploy that `varco init` writes, as it writes them for login.example.org: run this to write them anew."""

from pathlib import Path

from varco.ops.init import files

DIRECTORY = Path(__file__).parent.parent / "docs" / "deploy"
ANSWERS = {
    "issuer": "https://login.example.org",
    "trusted_proxies": "127.0.0.1/32,::1/128",
    "storage": "postgresql",
    "vendor": "GipoNext",
}


def made(*, apart: bool) -> files.Installation:
    """The installation of the documents."""
    return files.Installation(
        directory=Path("/etc/varco"),
        data_dir=Path("/var/lib/varco"),
        program=Path("/opt/varco/bin/varco"),
        user="varco",
        port=8000,
        master_key="",
        apart=apart,
    )


def contents() -> dict[str, str]:
    """Each file's text, by its name."""
    one, apart = made(apart=False), made(apart=True)
    return {
        files.UNIT: files.unit(ANSWERS | {"storage": "embedded"}, one),
        **files.apart_units(ANSWERS, apart),
        files.SITE: files.site(ANSWERS, apart),
    }


if __name__ == "__main__":
    for name, text in contents().items():
        (DIRECTORY / name).write_text(text, "utf-8")
