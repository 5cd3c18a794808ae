"""The database's schema, as an append-only set of migrations: never edit one that was released, add another.

Each runs in one transaction together with the record that it ran. `moves` writes these tables, `store` reads
them; `links` are those of `watching`.
"""

from leyline.line.tables import Database, Migrations

tasks = Migrations("leyline")


@tasks()
def create_tasks(db: Database) -> None:
    """The tasks and the line. `number` is AUTOINCREMENT so that a deleted task's place is never given again."""
    db.executescript(
        """
        CREATE TABLE tasks (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            place INTEGER NOT NULL,
            task_id TEXT NOT NULL UNIQUE,
            owner TEXT,
            client TEXT NOT NULL,
            client_id TEXT,
            status TEXT NOT NULL
                CHECK (status IN ('queued', 'processing', 'succeeded', 'failed', 'canceled')),
            moves INTEGER NOT NULL DEFAULT 1,
            run INTEGER NOT NULL DEFAULT 0,
            attempt INTEGER NOT NULL DEFAULT 1,
            cancel_requested INTEGER NOT NULL DEFAULT 0,
            retry_of TEXT,
            upload_sha256 TEXT,
            idempotency_key TEXT,
            image_name TEXT NOT NULL,
            image_width INTEGER NOT NULL,
            image_height INTEGER NOT NULL,
            image_bytes INTEGER NOT NULL,
            video_width INTEGER,
            video_height INTEGER,
            video_seconds REAL,
            video_bytes INTEGER,
            views INTEGER NOT NULL DEFAULT 0,
            error_code TEXT,
            error_detail TEXT,
            created_at REAL NOT NULL,
            started_at REAL,
            finished_at REAL,
            expires_at REAL,
            files_removed INTEGER NOT NULL DEFAULT 0
        );
        CREATE INDEX tasks_in_line ON tasks (place, number) WHERE status = 'queued';
        CREATE INDEX tasks_running ON tasks (number) WHERE status = 'processing';
        CREATE INDEX tasks_of_owner ON tasks (owner, number);
        CREATE INDEX tasks_live_of_owner ON tasks (owner, number) WHERE status IN ('queued', 'processing');
        CREATE INDEX tasks_with_files ON tasks (expires_at) WHERE expires_at IS NOT NULL AND files_removed = 0;
        CREATE INDEX tasks_with_files_by_end ON tasks (finished_at)
            WHERE finished_at IS NOT NULL AND files_removed = 0;
        CREATE INDEX tasks_without_files ON tasks (expires_at) WHERE files_removed = 1;
        CREATE UNIQUE INDEX tasks_key_of_owner ON tasks (owner, idempotency_key)
            WHERE owner IS NOT NULL AND idempotency_key IS NOT NULL;
        CREATE UNIQUE INDEX tasks_key_of_picture ON tasks (idempotency_key, upload_sha256)
            WHERE owner IS NULL AND idempotency_key IS NOT NULL;
        CREATE TABLE line (id INTEGER PRIMARY KEY CHECK (id = 1), paused INTEGER NOT NULL DEFAULT 0);
        INSERT INTO line (id) VALUES (1);
        CREATE TABLE durations (number INTEGER PRIMARY KEY AUTOINCREMENT, seconds REAL NOT NULL);
        CREATE TABLE links (
            link_id TEXT PRIMARY KEY,
            task_id TEXT NOT NULL REFERENCES tasks (task_id) ON DELETE CASCADE,
            token_hash TEXT NOT NULL UNIQUE,
            label TEXT,
            created_at REAL NOT NULL,
            expires_at REAL,
            max_views INTEGER,
            views INTEGER NOT NULL DEFAULT 0,
            revoked INTEGER NOT NULL DEFAULT 0
        );
        CREATE INDEX links_of_task ON links (task_id);
        """
    )


@tasks()
def keep_undo(db: Database) -> None:
    """Until when the cancel of a task that had not started can be undone, at its old place; once."""
    db.execute("ALTER TABLE tasks ADD COLUMN undo_until REAL")


@tasks()
def create_views(db: Database) -> None:
    """Whose view's key was told. A task's or a link's end takes no row with it: each is gone within the hour."""
    db.executescript(
        """
        CREATE TABLE views (
            view_id TEXT PRIMARY KEY,
            session TEXT NOT NULL,
            network TEXT,
            task_id TEXT NOT NULL,
            link_id TEXT,
            counted_at REAL NOT NULL,
            ends_at REAL NOT NULL
        );
        CREATE INDEX views_of_session ON views (session, task_id, link_id);
        CREATE INDEX views_of_network ON views (network);
        CREATE INDEX views_by_end ON views (ends_at);
        """
    )


@tasks()
def make_trash(db: Database) -> None:
    """Since when a finished task lies in the trash; NULL for all that do not."""
    db.execute("ALTER TABLE tasks ADD COLUMN trashed_at REAL")
    db.execute("CREATE INDEX tasks_in_trash ON tasks (trashed_at) WHERE trashed_at IS NOT NULL")
    db.execute("CREATE INDEX tasks_in_trash_of_owner ON tasks (owner, number) WHERE trashed_at IS NOT NULL")


@tasks()
def forget_signals(db: Database) -> None:
    """The first release told people by which signal the model process had ended; now the code's sentence does."""
    db.execute(
        """
        UPDATE tasks SET error_detail = NULL
        WHERE error_code = 'model_crashed' AND error_detail LIKE 'The model process %'
        """
    )


@tasks()
def keep_network(db: Database) -> None:
    """Whence a task came, None where that tells nobody apart: who contends is a network first, then a session."""
    db.execute("ALTER TABLE tasks ADD COLUMN network TEXT")


@tasks()
def find_holders(db: Database) -> None:
    """Who has how many bytes of videos, and what goes before them. Without a network each session counts as one."""
    db.execute("DROP INDEX tasks_with_files_by_end")
    db.execute(
        "CREATE INDEX tasks_with_video ON tasks (coalesce(network, client), client, finished_at, video_bytes)"
        " WHERE status = 'succeeded' AND files_removed = 0"
    )
    db.execute(
        "CREATE INDEX tasks_ended_without_video ON tasks (finished_at)"
        " WHERE status IN ('failed', 'canceled') AND files_removed = 0"
    )


@tasks()
def keep_pins(db: Database) -> None:
    """Videos that are kept until somebody says otherwise."""
    db.execute("ALTER TABLE tasks ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0")
    db.execute("CREATE INDEX tasks_pinned ON tasks (coalesce(network, client), video_bytes) WHERE pinned = 1")


@tasks()
def burn_labels(db: Database) -> None:
    """Whether a link's label is burned into the copy that its viewers get."""
    db.execute("ALTER TABLE links ADD COLUMN burn_label INTEGER NOT NULL DEFAULT 0")


@tasks()
def keep_parameters(db: Database) -> None:
    """What was chosen for each picture, complete; NULL while nobody knows what may be chosen, and of older tasks.

    With the digest of what was sent, for which an idempotency key stands too: NULL where that was nothing. And the
    JSON Schema of each model with its options, as it said last.
    """
    db.execute("ALTER TABLE tasks ADD COLUMN parameters TEXT")
    db.execute("ALTER TABLE tasks ADD COLUMN sent_sha256 TEXT")
    db.execute("CREATE TABLE schemas (model_key TEXT PRIMARY KEY, schema TEXT NOT NULL, known_at REAL NOT NULL)")


@tasks()
def keep_outputs(db: Database) -> None:
    """The last lines that the model printed in each run of a task, for the operator; they go with the task."""
    db.execute(
        """
        CREATE TABLE outputs (
            task_id TEXT NOT NULL REFERENCES tasks (task_id) ON DELETE CASCADE,
            run INTEGER NOT NULL,
            ended_at REAL NOT NULL,
            lines TEXT NOT NULL,
            PRIMARY KEY (task_id, run)
        ) WITHOUT ROWID
        """
    )


@tasks()
def keep_sound(db: Database) -> None:
    """Whether a task's video has sound; those of earlier releases have none."""
    db.execute("ALTER TABLE tasks ADD COLUMN video_sound INTEGER NOT NULL DEFAULT 0")


@tasks()
def keep_webhooks(db: Database) -> None:
    """Where each task's receiver is, and what receivers are told: a row for each message, until it is old.

    `due_at` is when it is tried next: NULL while an earlier one of the same task waits, and after its end. There is
    no foreign key: what is waiting for its receiver outlives its task.
    """
    db.execute("ALTER TABLE tasks ADD COLUMN webhook_url TEXT")
    db.executescript(
        """
        CREATE TABLE webhook_messages (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            message_id TEXT NOT NULL UNIQUE,
            task_id TEXT NOT NULL,
            event TEXT NOT NULL,
            url TEXT NOT NULL,
            origin TEXT NOT NULL,
            body TEXT NOT NULL,
            state TEXT NOT NULL,
            tries TEXT NOT NULL DEFAULT '[]',
            created_at REAL NOT NULL,
            due_at REAL,
            ended_at REAL
        );
        CREATE INDEX webhook_messages_of_task ON webhook_messages (task_id, url, number);
        CREATE INDEX webhook_messages_due ON webhook_messages (origin, due_at) WHERE due_at IS NOT NULL;
        CREATE INDEX webhook_messages_waiting ON webhook_messages (origin) WHERE ended_at IS NULL;
        CREATE INDEX webhook_messages_ended ON webhook_messages (ended_at) WHERE ended_at IS NOT NULL;
        """
    )


@tasks()
def find_ended(db: Database) -> None:
    """Who ended last, and who failed last, for the operator's page."""
    db.execute("CREATE INDEX tasks_ended ON tasks (finished_at) WHERE finished_at IS NOT NULL")
    db.execute("CREATE INDEX tasks_failed ON tasks (finished_at) WHERE status = 'failed'")


@tasks()
def keep_batches(db: Database) -> None:
    """The client's own word for what it sent together."""
    db.execute("ALTER TABLE tasks ADD COLUMN batch_id TEXT")
    db.execute("CREATE INDEX tasks_of_batch ON tasks (owner, batch_id, number) WHERE batch_id IS NOT NULL")


@tasks()
def keep_logins(db: Database) -> None:
    """The commands that people have connected to their sessions, and those that wait for their codes to be typed.

    `owner` is the session's that confirmed it, NULL until then; `user_code` is NULL once it was typed.
    """
    db.execute(
        """
        CREATE TABLE logins (
            login_id TEXT PRIMARY KEY,
            token_hash TEXT NOT NULL UNIQUE,
            user_code TEXT UNIQUE,
            name TEXT NOT NULL,
            address TEXT NOT NULL,
            network TEXT,
            asked_at REAL NOT NULL,
            refused INTEGER NOT NULL DEFAULT 0,
            owner TEXT,
            admission TEXT,
            confirmed_at REAL,
            used_at REAL
        ) WITHOUT ROWID
        """
    )
    db.execute("CREATE INDEX logins_of_owner ON logins (owner) WHERE owner IS NOT NULL")
    db.execute("CREATE INDEX logins_waiting ON logins (network) WHERE owner IS NULL")


@tasks()
def find_videos(db: Database) -> None:
    """An owner's videos by each order in which they are looked through."""
    for name, key in (("time", "finished_at"), ("name", "image_name COLLATE NOCASE"), ("length", "video_seconds")):
        db.execute(
            f"CREATE INDEX tasks_videos_by_{name} ON tasks (owner, {key}, number)"
            " WHERE status = 'succeeded' AND files_removed = 0 AND trashed_at IS NULL"
        )


@tasks()
def keep_push_subscriptions(db: Database) -> None:
    """The browsers that asked to be told, and which of the outbox's messages are for one of them."""
    db.execute("ALTER TABLE webhook_messages ADD COLUMN push_id TEXT")
    db.executescript(
        """
        CREATE TABLE push_subscriptions (
            push_id TEXT PRIMARY KEY,
            owner TEXT NOT NULL,
            network TEXT,
            endpoint TEXT NOT NULL UNIQUE,
            origin TEXT NOT NULL,
            public_key TEXT NOT NULL,
            secret TEXT NOT NULL,
            words TEXT NOT NULL,
            contact TEXT NOT NULL,
            created_at REAL NOT NULL,
            renewed_at REAL NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX push_subscriptions_of_owner ON push_subscriptions (owner);
        CREATE INDEX push_subscriptions_of_network ON push_subscriptions (network) WHERE network IS NOT NULL;
        CREATE INDEX push_subscriptions_renewed ON push_subscriptions (renewed_at);
        """
    )


@tasks()
def keep_out_of_turn(db: Database) -> None:
    """Who stands before all turns of the fair order (-1), as those do who were put back, or behind them (1)."""
    db.execute("ALTER TABLE tasks ADD COLUMN out_of_turn INTEGER NOT NULL DEFAULT 0")
    db.execute("UPDATE tasks SET out_of_turn = -1 WHERE status = 'queued' AND run > 0")
    db.execute(
        "CREATE INDEX tasks_out_of_turn ON tasks (out_of_turn, place, number)"
        " WHERE status = 'queued' AND out_of_turn != 0"
    )


@tasks()
def show_several(db: Database) -> None:
    """A link shows one video or several, each by a number that stays, and goes with the last of them.

    Two tasks have the same number where one is the other tried again. `links` is made anew, since it named its one
    task; `link_counted_at` is since when a browser's views by a link are one and the same.
    """
    db.executescript(
        """
        CREATE TABLE links_made_anew (
            link_id TEXT PRIMARY KEY,
            owner TEXT,
            token_hash TEXT NOT NULL UNIQUE,
            label TEXT,
            message TEXT,
            poster TEXT NOT NULL DEFAULT 'none',
            created_at REAL NOT NULL,
            expires_at REAL,
            max_views INTEGER,
            views INTEGER NOT NULL DEFAULT 0,
            revoked INTEGER NOT NULL DEFAULT 0,
            burn_label INTEGER NOT NULL DEFAULT 0
        );
        INSERT INTO links_made_anew (
            link_id, owner, token_hash, label, created_at, expires_at, max_views, views, revoked, burn_label
        )
        SELECT link_id, (SELECT owner FROM tasks WHERE tasks.task_id = links.task_id),
            token_hash, label, created_at, expires_at, max_views, views, revoked, burn_label
        FROM links;
        CREATE TEMP TABLE shown AS SELECT link_id, task_id FROM links;
        DROP TABLE links;
        ALTER TABLE links_made_anew RENAME TO links;
        CREATE INDEX links_of_owner ON links (owner, created_at, link_id) WHERE owner IS NOT NULL;
        CREATE TABLE link_videos (
            link_id TEXT NOT NULL REFERENCES links (link_id) ON DELETE CASCADE,
            task_id TEXT NOT NULL REFERENCES tasks (task_id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            PRIMARY KEY (link_id, task_id)
        ) WITHOUT ROWID;
        CREATE INDEX link_videos_of_task ON link_videos (task_id, link_id);
        INSERT INTO link_videos (link_id, task_id, number) SELECT link_id, task_id, 1 FROM shown;
        DROP TABLE shown;
        CREATE TRIGGER links_without_videos AFTER DELETE ON link_videos
        WHEN NOT EXISTS (SELECT 1 FROM link_videos WHERE link_id = OLD.link_id)
        BEGIN
            DELETE FROM links WHERE link_id = OLD.link_id;
        END;
        ALTER TABLE views ADD COLUMN link_counted_at REAL;
        UPDATE views SET link_counted_at = counted_at WHERE link_id IS NOT NULL;
        CREATE INDEX views_of_link ON views (session, link_id, link_counted_at) WHERE link_id IS NOT NULL;
        """
    )
