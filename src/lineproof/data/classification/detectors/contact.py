"""E-mail, web and network addresses, device identifiers with a format of their own."""

from __future__ import annotations

from collections.abc import Iterator

from lineproof.data.classification.result import Finding
from lineproof.data.classification.sample import Sample

__all__ = ["find"]

_EMAIL = r"(?i)^(mailto:)?[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]{2,}$"
_EMAIL_NAMED = r"(?i)<[^\s@<>]+@[^\s@<>]+\.[a-z]{2,}>$"
_OCTET = r"(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = rf"^({_OCTET}\.){{3}}{_OCTET}(/\d{{1,2}}|:\d{{1,5}})?$"
_IPV6 = r"(?i)^([0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(%\w+)?(/\d{1,3})?$"
_MAC = r"(?i)^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$|^([0-9a-f]{4}\.){2}[0-9a-f]{4}$"
_URL = r"(?i)^(https?://|www\.)[^\s/]+\.[^\s]+$"
_URL_BARE = r"(?i)^([a-z0-9-]+\.)+(com|net|org|io|example|info|de|fr|es|it|nl|br|jp|uk|eu|pl|se|test)(/\S*)?$"
_URL_THING = r"(?i)/(p|prod|product|products|item|items|sku|shop|article|articles|doc|docs|assets?|static|category|api)/|\.(pdf|css|js|zip)$"
_IMAGE = r"(?i)\.(jpe?g|png|gif|webp|heic|bmp)(\?\S*)?$"
_FACE = r"(?i)(photo|avatar|portrait|headshot|profile|selfie|face|passbild|mugshot)"


def _simple(sample: Sample, class_: str, pattern: str, least: float, what: str) -> Iterator[Finding]:
    share = sample.share(pattern)
    if share >= least:
        yield Finding(class_, 0.6 + 0.39 * share, f"{share:.0%} are {what}", firm=True)


def _versions(sample: Sample) -> bool:
    """Version numbers such as 1.2.10.4 look like addresses but stay small."""
    return sample.share(r"^(1?\d|[0-9])\.(\d|[1-3]\d)\.(\d|[1-3]\d)\.\d{1,3}$") > 0.8


def find(sample: Sample) -> Iterator[Finding]:
    """EMAIL, IP, DEVICE_ID (MAC), URL, PHOTO."""
    yield from _simple(sample, "EMAIL", f"{_EMAIL}|{_EMAIL_NAMED}", 0.6, "e-mail addresses")
    yield from _simple(sample, "DEVICE_ID", _MAC, 0.7, "hardware (MAC) addresses")
    if not _versions(sample):
        yield from _simple(sample, "IP", f"{_IPV4}|{_IPV6}", 0.8, "IP addresses")
    urls = sample.share(f"{_URL}|{_URL_BARE}")
    if urls >= 0.7:
        faces = sample.share(_IMAGE)
        if faces > 0.7 and sample.share(_FACE) > 0.7:
            yield Finding("PHOTO", 0.75, f"{faces:.0%} are links to pictures, of faces by their path")
        elif faces > 0.7 or sample.share(_URL_THING) > 0.7:
            yield Finding("NONE", 0.7, "web addresses of things, by their path", firm=True)
        else:
            yield Finding("URL", 0.6 + 0.35 * urls, f"{urls:.0%} are web addresses")
