# SPDX-License-Identifier: MIT
"""How the pages for people look. Every value is escaped here and nowhere else."""

from html import escape

from .http_message import HTML, Answer

FRAME = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; background: #f2f3f7; color: #1c1d22; margin: 0; }}
main {{ max-width: 26rem; margin: 10vh auto; padding: 2rem; background: #fff; border-radius: 1.2rem;
       box-shadow: 0 .5rem 2rem #0001; }}
h1 {{ font-size: 1.4rem; margin-top: 0; }}
input[type=text], select {{ width: 100%; box-sizing: border-box; font: inherit; padding: .6rem;
       border: 1px solid #c9ccd6; border-radius: .6rem; margin: .3rem 0 1rem; background: #fff; }}
button {{ font: inherit; padding: .6rem 1.4rem; border: 0; border-radius: .6rem; cursor: pointer;
       background: #e7e8ee; }}
button.main {{ background: #fc0; }}
code {{ font-size: 1.2rem; background: #f2f3f7; padding: .3rem .6rem; border-radius: .4rem; }}
footer {{ color: #8b8f9c; font-size: .8rem; margin-top: 1.5rem; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{content}
<footer>Yandex simulator. Nobody's real account is involved.</footer>
</main>
</body>
</html>
"""


def page(title, content, status=200):
    return Answer(status, FRAME.format(title=escape(title), content=content).encode("utf-8"), HTML,
                  {"Cache-Control": "no-store"})


def message_page(title, sentence, status=200):
    return page(title, f"<p>{escape(sentence)}</p>", status)


def enter_code_page(user_code="", complaint=""):
    return page("Sign in on a device", f"""<p>{escape(complaint)}</p>
<form method="post" action="/device">
<label>Code shown by the device
<input type="text" name="user_code" value="{escape(user_code)}" autofocus></label>
<button class="main">Continue</button>
</form>""")


def consent_page(action, hidden, asked, users, chosen=""):
    """Allow or Deny. Optional scopes can be unticked, the others cannot."""
    who = f"Application <b>{escape(asked.client_id)}</b>"
    if asked.device_id:
        who += f" on {escape(asked.device_name or 'unknown device')}"
    return page("Allow access?", f"""<p>{who} asks for:</p>
<form method="post" action="{escape(action)}">
{"".join(hidden_field(name, value) for name, value in hidden.items())}
<ul>
{"".join(f"<li>{escape(scope)}</li>" for scope in asked.scopes)}
{"".join(optional_scope(scope) for scope in asked.optional)}
</ul>
<label>Account
<select name="login">{"".join(user_option(login, chosen) for login in users)}</select></label>
<button class="main" name="verdict" value="allow">Allow</button>
<button name="verdict" value="deny">Deny</button>
</form>""")


def hidden_field(name, value):
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def optional_scope(scope):
    return (f'<li><label><input type="checkbox" name="tick" value="{escape(scope)}" checked> '
            f"{escape(scope)}</label></li>")


def user_option(login, chosen):
    selected = " selected" if login == chosen else ""
    return f'<option value="{escape(login)}"{selected}>{escape(login)}</option>'


def confirmation_code_page(code, state):
    shown_state = f"<p>State: <span id=\"state\">{escape(state)}</span></p>" if state else ""
    return page("Confirmation code", f"""<p>Copy this code into the application:</p>
<p><code id="code">{escape(code)}</code></p>
{shown_state}""")
