"""Steps that ask for the password again: what is signed, and what would let somebody else in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class SignatureForm(forms.Form):
    """A form that takes effect only with the password of the one who sends it.

    A wrong one counts like a wrong password at signing in, so that an unattended screen is no place to guess.
    """

    def ask_password(self, request: HttpRequest) -> None:
        """Puts the question at the end of the form."""
        self._request = request
        self.fields["password"] = forms.CharField(
            label=_("Your password"),
            help_text=_("You sign with it."),
            widget=forms.PasswordInput({"autocomplete": "current-password"}),
            strip=False,
        )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        request: Any = self._request
        found = authenticate(request, name=request.user.name, password=password)
        if found is None or found.pk != request.user.pk:
            raise ValidationError(_("The password is not right."))
        return password
