"""Every public address comes from `VARCO_ISSUER`; what a request says about its host is never believed."""

import re

from tests.support import source

HOST_READERS = re.compile(
    r"build_absolute_uri|get_host\(|get_current_site|HTTP_HOST|X-Forwarded-Host|X_FORWARDED_HOST|SERVER_NAME|base_url\b|url_for\(",
    re.IGNORECASE,
)
# File → why it may say the word.
ALLOWED = {
    "varco/portal/settings.py": "switches Django's own use of the header off",
    "varco/portal/middleware.py": "puts the issuer's host in the place of the header",
    "varco/ops/init/files.py": "writes a site for nginx, with the issuer's host",
}


def test_no_code_reads_the_host_of_a_request() -> None:
    found = [
        f"{source.name(path)}:{number}: {line.strip()}"
        for path in source.python("varco")
        if source.name(path) not in ALLOWED
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if HOST_READERS.search(line.partition("#")[0])
    ]
    assert found == []


def test_pages_load_nothing_from_elsewhere() -> None:
    loading = re.compile(
        r"""(?:src|srcset|data|poster)\s*=\s*["']?(?:https?:)?//|<link[^>]+href\s*=\s*["']?(?:https?:)?//"""
    )
    styles = re.compile(r"""url\(\s*["']?(?:https?:)?//|@import""")
    for path in source.files(".html"):
        assert not loading.search(path.read_text("utf-8")), source.name(path)
    for path in source.files(".css"):
        assert not re.search(styles, path.read_text("utf-8")), source.name(path)


def test_pages_have_no_inline_script_or_style() -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE)
    for path in source.files(".html"):
        if "templates" in path.parts:
            markup = re.sub(r"{%.*?%}", "", path.read_text("utf-8"))  # parameters of template tags are no attributes
            assert not inline.search(markup), source.name(path)
