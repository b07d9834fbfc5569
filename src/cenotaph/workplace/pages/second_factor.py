"""The second factor: a code that changes every half minute (TOTP, RFC 6238)."""

from __future__ import annotations

import base64
import os
import time
from typing import Any
from urllib.parse import quote

from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST
from django_otp.oath import TOTP

from cenotaph.workplace.keys import open_sealed, read_key_file, seal
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.models import User
from cenotaph.workplace.pages.accounts import form_page, let_in, locked_out
from cenotaph.workplace.pages.endpoint import open_to_all, open_to_staff, page

_SECRET_BYTES = 20
_WAIT_S = 5 * 60
_STEPS_OFF = 1


class CodeForm(forms.Form):
    """Six digits."""

    code = forms.RegexField(
        r"^\s*\d{3}\s?\d{3}\s*$",
        label=_("Code"),
        help_text=_("Six digits from the code generator."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def number(self) -> int:
        """The digits as a number."""
        return int("".join(self.cleaned_data["code"].split()))


def step_of(secret: bytes, code: int, after: int) -> int | None:
    """The time step of which *code* is the code, where it is now or next to now and later than *after*; else None.

    >>> step_of(b"12345678901234567890", 0, 10**12) is None
    True
    """
    generator = TOTP(secret)
    return generator.t() if generator.verify(code, _STEPS_OFF, after + 1) else None


@open_to_all()
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The second step of signing in; a wrong code counts like a wrong password."""
    waiting = request.session.get("waiting", {})
    user = User.objects.filter(pk=waiting.get("id"), state="active").first()
    if user is None or not user.second_factor or time.time() - waiting["since"] > _WAIT_S:
        request.session.pop("waiting", None)
        return redirect("sign_in")
    if not AxesProxyHandler.is_allowed(request, {"name": user.name}):
        return locked_out(request)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        secret = bytes.fromhex(open_sealed(read_key_file(settings.KEY_FILE), user.second_factor, _about(user)))
        step = step_of(secret, form.number(), user.second_factor_step)
        taken = step is not None and User.objects.filter(pk=user.pk, second_factor_step__lt=step).update(
            second_factor_step=step
        )
        if taken:
            let_in(request, user)
            return redirect(waiting["next"])
        user_login_failed.send(__name__, credentials={"name": user.name}, request=request)
        form.add_error("code", _("This code is not right, or was used before."))
    return form_page(request, form, _("Second factor"), _("Sign in"))


@open_to_staff()
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: Any) -> HttpResponse:
    """Gives the one who is signed in a new second factor, once he shows that his generator has it."""
    import segno

    offered = request.session.setdefault("offered", os.urandom(_SECRET_BYTES).hex())
    secret = bytes.fromhex(offered)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        step = step_of(secret, form.number(), 0)
        if step is not None:
            user = request.user
            user.second_factor = seal(read_key_file(settings.KEY_FILE), offered, _about(user))
            user.second_factor_step = step
            with acting(user.name, "second factor"):
                user.save()
            del request.session["offered"]
            return redirect("home")
        form.add_error("code", _("This code is not right."))
    letters = base64.b32encode(secret).decode()
    address = f"otpauth://totp/Cenotaph:{quote(request.user.name)}?secret={letters}&issuer=Cenotaph"
    picture = segno.make(address, error="m").svg_data_uri(scale=4)
    return form_page(request, form, _("Second factor"), _("Turn on"), "enrol.html", picture=picture, secret=letters)


@page("change", "users")
@require_POST
def reset(request: Any, id_: int) -> HttpResponse:
    """Takes the second factor from somebody who lost the generator, and ends his sessions."""
    user = get_object_or_404(User, pk=id_)
    with acting(request.viewer.name, "second factor removed"):
        user.second_factor, user.second_factor_step = None, 0
        user.session_epoch = str(int(user.session_epoch) + 1)
        user.save()
    return redirect("users")


def _about(user: User) -> str:
    return f"second factor of user {user.pk}"
