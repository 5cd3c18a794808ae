"""`leyline link`: one viewing link to what was sent, whatever of it is ready by now.

Which tasks are meant is left to `named`, what a link is to the server.
"""

import json
import os
from pathlib import Path

import click

from leyline.client import leaving, wording
from leyline.client.client import LeylineClient
from leyline.client.manifest import ManifestError
from leyline.client.named import NothingNamed, named
from leyline.client.remote import ClientError
from leyline.client.server_flags import client_of, server_flags
from leyline.client.sharing import LinkTerms, link_flags
from leyline.flags import WRONG, WRONG_USAGE, fail
from leyline.text import fit_to_show


@click.command(
    short_help="Make one viewing link to several videos.",
    help="""Make one viewing link to the videos of these tasks. Its page plays them one after the other; those that
are still being made join it. Whoever has the link can watch them, and nothing else.

WHAT is a task's id, the address of its page, a picture, a folder that pictures were sent from, or the file that
remembers them (--manifest).

\b
Examples:
  leyline link holiday
  leyline link holiday --message 'The week at the sea' --poster blurred
  leyline link beach.jpg harbour.jpg --label 'For Anna' --days 30 --views 5
""",
)
@click.argument("words", metavar="WHAT...", nargs=-1, required=True, type=click.Path())
@link_flags
@server_flags
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object, for programs.")
def link(words: tuple[str, ...], url: str | None, token: str | None, terms: LinkTerms, as_json: bool) -> None:
    client = client_of(url, token)
    try:
        made = leaving.run(_made(client, words, terms))
    except NothingNamed as nothing:
        fail(fit_to_show(nothing), WRONG_USAGE)
    except ManifestError as error:
        fail(fit_to_show(error), WRONG)
    except ClientError as error:
        fail(wording.advice(error), wording.exit_code(error))
    except leaving.Left as left:
        fail("No link was shown; one may have been made.", left.exit_code)
    print(json.dumps({"link_url": made["url"], "videos": made["videos"]}) if as_json else made["url"], flush=True)


async def _made(client: LeylineClient, words: tuple[str, ...], terms: LinkTerms) -> dict[str, object]:
    async with client:
        known_as = (await client.queue()).get("installation")
        server = known_as if isinstance(known_as, str) else client.url
        ids = [each.task_id for each in named(words, server, os.environ) if each.task_id]
        if not ids:
            raise NothingNamed(f"Nothing of {Path(words[0])} was sent to this server.")
        return await client.share(ids, **terms)
