"""Every SQL statement about tasks and the line, by name. Running them is left to `store`; `links` has its own.

A move is one conditional UPDATE: what must still be true stands in its WHERE, and it returns the row
as it became, or nothing when somebody else was faster. Danger: claim, position, status and list are
asked all the time and must use an index whatever lies in history; a test reads their query plans.
"""

from leyline.line.tasks import NewTask

REMEMBERED_RUNS = 20  # estimates use the median of this many

# Into the line

_COLUMNS = ", ".join(NewTask.__dataclass_fields__)
_VALUES = ", ".join(f":{name}" for name in NewTask.__dataclass_fields__)

ADD = f"""
    INSERT INTO tasks (place, status, created_at, {_COLUMNS})
    VALUES (coalesce(:place, 0), 'queued', :now, {_VALUES})
"""
TAKE_PLACE = "UPDATE tasks SET place = coalesce(:place, number) WHERE task_id = :task_id RETURNING *"

# Moves

CLAIM = """
    UPDATE tasks SET status = 'processing', run = run + 1, moves = moves + 1, started_at = :now
    WHERE number = (SELECT number FROM tasks WHERE status = 'queued' ORDER BY place, number LIMIT 1)
        AND NOT (SELECT paused FROM line)
    RETURNING *
"""
SUCCEED = """
    UPDATE tasks SET status = 'succeeded', moves = moves + 1, finished_at = :now, expires_at = :expires_at,
        video_width = :width, video_height = :height, video_seconds = :seconds, video_bytes = :bytes
    WHERE task_id = :task_id AND status = 'processing' AND run = :run AND NOT cancel_requested
    RETURNING *
"""
FAIL = """
    UPDATE tasks SET status = 'failed', moves = moves + 1, finished_at = :now, expires_at = :expires_at,
        error_code = :code, error_detail = :detail
    WHERE task_id = :task_id AND status = :status AND run = :run AND NOT cancel_requested
    RETURNING *
"""
CANCEL = """
    UPDATE tasks SET status = 'canceled', moves = moves + 1, finished_at = :now, expires_at = :expires_at
    WHERE task_id = :task_id AND status = :status AND run = :run
    RETURNING *
"""
REQUEST_CANCEL = """
    UPDATE tasks SET cancel_requested = 1, moves = moves + 1
    WHERE task_id = :task_id AND status = 'processing' AND run = :run AND NOT cancel_requested
    RETURNING *
"""
PUT_BACK = """
    UPDATE tasks SET status = 'queued', moves = moves + 1, attempt = attempt + :attempts
    WHERE task_id = :task_id AND status = 'processing' AND run = :run AND NOT cancel_requested
    RETURNING *
"""

# What changes a row and not its status

COUNT_VIEW = "UPDATE tasks SET views = views + 1, moves = moves + 1 WHERE task_id = :task_id RETURNING *"
REMOVE_FILES = """
    UPDATE tasks SET files_removed = 1, moves = moves + 1, expires_at = :expires_at
    WHERE task_id = :task_id AND finished_at IS NOT NULL AND NOT files_removed
    RETURNING *
"""
DELETE = "DELETE FROM tasks WHERE task_id = :task_id AND status != 'processing' RETURNING *"

# Tasks by their ids, and an owner's tasks

GET = "SELECT * FROM tasks WHERE task_id = ?"
SOME = "SELECT * FROM tasks WHERE task_id IN (SELECT value FROM json_each(?))"
PAGE = """
    SELECT * FROM tasks WHERE owner = :owner
        AND number < coalesce((SELECT number FROM tasks WHERE task_id = :before AND owner = :owner), :before_all)
    ORDER BY number DESC LIMIT :limit
"""
LIVE = """
    SELECT * FROM tasks WHERE owner = ? AND status IN ('queued', 'processing') ORDER BY number DESC LIMIT ?
"""
FINISHED = """
    SELECT * FROM tasks WHERE owner = ? AND status NOT IN ('queued', 'processing') ORDER BY number DESC LIMIT ?
"""
BY_KEY_OF_OWNER = "SELECT * FROM tasks WHERE owner = ? AND idempotency_key = ?"
BY_KEY_OF_PICTURE = """
    SELECT * FROM tasks WHERE owner IS NULL AND idempotency_key = ? AND upload_sha256 = ?
"""
KEY_WITHOUT_OWNER = "SELECT 1 FROM tasks WHERE owner IS NULL AND idempotency_key = ? LIMIT 1"

# The line

WAITING = "SELECT task_id, owner, client FROM tasks WHERE status = 'queued' ORDER BY place, number"
RUNNING = "SELECT task_id, owner, client FROM tasks WHERE status = 'processing' ORDER BY number"
COUNT_WAITING = """
    SELECT count(*), count(*) FILTER (WHERE client = :client) FROM tasks
    WHERE status = 'queued' AND task_id NOT IN (SELECT value FROM json_each(:but_not))
"""
ALL_QUEUED = "SELECT * FROM tasks WHERE status = 'queued' ORDER BY place, number"
ALL_PROCESSING = "SELECT * FROM tasks WHERE status = 'processing' ORDER BY number"
PAUSED = "SELECT paused FROM line"
SET_PAUSED = "UPDATE line SET paused = ?"
RUN_SECONDS = "SELECT seconds FROM durations"
REMEMBER_RUN = "INSERT INTO durations (seconds) VALUES (?)"
FORGET_RUNS = f"DELETE FROM durations WHERE number <= (SELECT max(number) FROM durations) - {REMEMBERED_RUNS}"

# What has been kept for its time

EXPIRED_FILES = """
    SELECT * FROM tasks WHERE files_removed = 0 AND expires_at <= ? ORDER BY expires_at LIMIT ?
"""
EXPIRED_ROWS = "SELECT * FROM tasks WHERE files_removed = 1 AND expires_at <= ? ORDER BY expires_at LIMIT ?"
OLDEST_WITH_FILES = """
    SELECT * FROM tasks WHERE files_removed = 0 AND finished_at IS NOT NULL ORDER BY finished_at LIMIT ?
"""
