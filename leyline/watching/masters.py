"""Opens masters for those who watch, also while they grow.

A video of an earlier release is laid out first, once, at its first view.

How a master is read is left to `master`, who may read it to the callers. Danger: laying out takes a moment and
the whole file's room on the disk, so only one is laid out at a time, and others wait for the same one.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from leyline import cenc
from leyline.errors import ClientLimit, DiskLow, NotReady, VideoMissing, ViewsBusy
from leyline.media import Media, Part
from leyline.network import share_of_network
from leyline.watching.master import Layout, Master, NotLaidOut, damaged

MAX_WAITING = 50  # videos that wait to be laid out


class Masters:
    """The videos of one data folder: the finished ones, and the one that is being made."""

    def __init__(self, media: Media) -> None:
        self._media = media
        self._laying_out: dict[str, asyncio.Future[None]] = {}
        self._wanted_by: dict[str, str | None] = {}  # the network that asked for each first
        self._growing: tuple[str, Layout] | None = None  # the one read last; one video is made at a time
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="layout")

    def close(self) -> None:
        self._executor.shutdown(cancel_futures=True)

    async def open(self, video_key: str, network: str | None = None) -> Master:
        """The video's master, which its caller closes; `network` is whence it is asked for.

        Raises `VideoMissing`, `ViewsBusy`, `ClientLimit` or `DiskLow`.
        """
        path = self._media.video(video_key)
        try:
            return await asyncio.to_thread(Master, path)
        except NotLaidOut:
            await self._lay_out(video_key, network)
        return await asyncio.to_thread(Master, path)

    async def open_growing(self, video_key: str) -> Master:
        """The master of a video that is being made, or just was, as far as it has got; its caller closes it.

        Raises `NotReady` while nothing of it can be watched, or no more.
        """
        return await asyncio.to_thread(self._open_growing, video_key)

    def _open_growing(self, video_key: str) -> Master:
        key, layout = self._growing or ("", None)
        known = layout if key == video_key else None
        for path in (
            self._media.video_part(video_key),
            self._media.video(video_key),
        ):  # it is moved when it is done
            try:
                master = Master(path, known, growing=True)
            except (VideoMissing, NotLaidOut):  # not there, or not so far that it tells how it is laid out
                continue
            if master.layout.segments:
                self._growing = video_key, master.layout
                return master
            master.close()
        raise NotReady

    async def _lay_out(self, video_key: str, network: str | None) -> None:
        if video_key not in self._laying_out:
            self._check_room(network)
            work = asyncio.get_running_loop().run_in_executor(self._executor, self._lay_out_now, video_key)
            work.add_done_callback(lambda _: self._forget(video_key))
            self._laying_out[video_key], self._wanted_by[video_key] = work, network
        await asyncio.shield(self._laying_out[video_key])  # it is others', too

    def _check_room(self, network: str | None) -> None:
        if len(self._laying_out) >= MAX_WAITING:
            raise ViewsBusy
        of_network = sum(wanted_by == network for wanted_by in self._wanted_by.values())
        if network is not None and of_network >= share_of_network(MAX_WAITING):
            refusal = ClientLimit("Your network is opening many older videos at this moment.")
            refusal.retry_after_seconds = ViewsBusy.retry_after_seconds
            raise refusal

    def _forget(self, video_key: str) -> None:
        del self._laying_out[video_key], self._wanted_by[video_key]

    def _lay_out_now(self, video_key: str) -> None:
        part = self._media.part()
        try:
            lay_out(self._media.video(video_key), part)
            self._media.replace_video(video_key, part)
        except FileNotFoundError:
            raise VideoMissing from None
        except OSError as error:
            raise DiskLow from error
        finally:
            part.remove()


def lay_out(video: Path, part: Part) -> None:
    """Write the video of an earlier release to `part`, laid out as the model process does it now.

    Raises `VideoMissing` for what is no video, and OSError.
    """
    import av  # heavy (15 MB of memory), and needed only for earlier releases' videos

    try:
        with (
            av.open(video) as source,
            av.open(cenc.ClearWriter(part.append), "w", format="mp4", options=cenc.MUXING) as target,
        ):
            stream = target.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(source.streams.video[0]):
                if packet.pts is None:
                    continue  # the empty packet at the end
                packet.stream = stream
                target.mux(packet)
    except FileNotFoundError:
        raise
    except (av.FFmpegError, IndexError, ValueError, cenc.Damaged) as error:  # not a video, without a frame
        raise damaged() from error
