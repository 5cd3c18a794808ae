"""A program as somebody would write it with a client that was generated from the API's description.

Run by `test_generated_client`, where the client is the package `generated`: argument 1 is the server's address, 2 a
picture's file. Says what has become of the picture.
"""

import sys
import time
from io import BytesIO
from pathlib import Path

from generated import Client
from generated.api.tasks import list_tasks, status
from generated.api.uploads import upload
from generated.models import Parameters, TaskStatus, Upload
from generated.types import File

ENDED = (TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.CANCELED)

client = Client(base_url=sys.argv[1], raise_on_unexpected_status=True)
picture = File(BytesIO(Path(sys.argv[2]).read_bytes()), "photo.jpg", "image/jpeg")
chosen = Parameters.from_dict({"direction": "out"})
task = upload.sync(
    client=client, body=Upload(file=picture, client_id="mine", parameters=chosen), idempotency_key="once"
)
for _ in range(60):
    if task.status in ENDED:
        break
    task = status.sync(task.task_id, client=client, prefer="wait=5")
    time.sleep(0.05)
wrong = upload.sync(client=client, body=Upload(file=File(BytesIO(b"no picture"), "notes.txt", "text/plain")))
print(task.status.value, task.client_id, task.parameters.to_dict()["direction"], wrong.code.value)
print(len(list_tasks.sync(client=client).tasks))
