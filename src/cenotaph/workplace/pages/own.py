"""One's own account: the password, the second factor, and tokens for programs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import password_validation, update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from cenotaph.workplace.pages.accounts import form_page, new_password, set_password
from cenotaph.workplace.pages.endpoint import open_to_staff
from cenotaph.workplace.pages.signature import SignatureForm
from cenotaph.workplace.services import tokens


class PasswordForm(SignatureForm):
    """A new password, twice, and the old one."""

    new = new_password(_("New password"))
    again = forms.CharField(
        label=_("New password once more"), widget=forms.PasswordInput({"autocomplete": "new-password"}), strip=False
    )

    def __init__(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask_password(request)
        self.fields["password"].label, self.fields["password"].help_text = _("Old password"), ""

    def clean_new(self) -> str:
        new: str = self.cleaned_data["new"]
        password_validation.validate_password(new, self._request.user)
        return new

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("new", again):
            raise ValidationError(_("The two are not the same."))
        return again


class TokenForm(SignatureForm):
    """A new token."""

    label = forms.CharField(
        label=_("What it is for"), max_length=100, help_text=_("The program that will use it, and where it runs.")
    )

    def __init__(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask_password(request)


@open_to_staff()
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: Any) -> HttpResponse:
    """One's own account; a token is made here and shown once."""
    form = TokenForm(request, request.POST or None)
    word = ""
    if request.method == "POST" and form.is_valid():
        word = tokens.make(request.user, form.cleaned_data["label"].strip())
        form = TokenForm(request)
    context = {"word": word, "tokens": tokens.open_tokens(request.user)}
    return form_page(request, form, _("Your account"), _("Make a token"), "own.html", **context)


@open_to_staff()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: Any) -> HttpResponse:
    """Changes one's own password; every other session ends, and every token."""
    form = PasswordForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        set_password(request.user, form.cleaned_data["new"], actor=request.user.name, reason="password changed")
        update_session_auth_hash(request, request.user)
        text = _("Your other sessions and your tokens have ended.")
        return render(request, "message.html", {"title": _("The password is changed"), "text": text})
    return form_page(request, form, _("A new password"), _("Change"))


@open_to_staff()
@require_POST
def revoke_token(request: Any, id_: int) -> HttpResponse:
    """Ends a token of one's own."""
    tokens.revoke(request.user, id_)
    return redirect("own")
