"""Frames as they cross a socket, from honest children and from hostile ones."""

import os
import selectors
import socket
import struct
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkgscan.sandbox.frames import Channel, Frame, FrameBuffer, FrameError, Port
from pkgscan.sandbox.wire import MAX_FDS, MAX_FRAME, READ_SIZE

MIB = 1 << 20


def pack(kind, payload, fds=0):
    """The wire format, written down a second time."""
    return struct.pack(">I", len(payload)) + bytes([kind, fds]) + payload


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def open_fds():
    return set(os.listdir("/dev/fd"))


def collect(port, count):
    """Read until `count` frames came or the stream ended, sending what is queued."""
    frames = []
    with selectors.DefaultSelector() as selector:
        selector.register(port, selectors.EVENT_READ)
        while len(frames) < count and not port.ended:
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if port.unsent else 0)
            selector.modify(port, events)
            selector.select()
            port.flush()
            frames += port.read()
    return frames


frames_strategy = st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=300)), max_size=20)


@given(frames_strategy, st.data())
def test_any_cut_of_the_stream_gives_the_same_frames(messages, data):
    stream = b"".join(pack(kind, payload) for kind, payload in messages)
    buffer, frames, at = FrameBuffer(), [], 0
    while at < len(stream):
        size = data.draw(st.integers(1, 400))
        frames += buffer.feed(stream[at : at + size])
        at += size
    assert frames == [Frame(kind, payload) for kind, payload in messages]
    assert not buffer.cut


def test_a_slow_drip_is_put_together_and_costs_only_what_came():
    buffer = FrameBuffer()
    stream = pack(16, b"drip") + pack(17, b"") + pack(18, b"drop")
    frames = [frame for byte in stream for frame in buffer.feed(bytes([byte]))]
    assert frames == [Frame(16, b"drip"), Frame(17, b""), Frame(18, b"drop")]
    assert list(buffer.feed(struct.pack(">IBB", MAX_FRAME, 16, 0) + b"x")) == []
    assert buffer.cut


@pytest.mark.parametrize("length", [MAX_FRAME + 1, (1 << 32) - 1])
@pytest.mark.parametrize("cut", [6, 3])
def test_a_frame_too_long_is_refused_by_its_header(length, cut):
    header = struct.pack(">IBB", length, 16, 0)
    buffer = FrameBuffer()
    with pytest.raises(FrameError, match=str(MAX_FRAME)):
        list(buffer.feed(header[:cut])) + list(buffer.feed(header[cut:]))


def test_a_kind_nobody_knows_is_refused(pair):
    with pytest.raises(FrameError, match="unknown kind 99"):
        list(FrameBuffer(kinds={16, 17}).feed(pack(16, b"") + pack(99, b"")))
    pair[1].sendall(pack(99, b""))
    with pytest.raises(FrameError, match="unknown kind 99"):
        Channel(pair[0]).receive(kinds={16})


@pytest.mark.parametrize("size", [3, 6, 10])
def test_a_truncated_stream_is_told(pair, size):
    ours, theirs = pair
    theirs.sendall(pack(16, b"whole") + pack(16, b"truncated")[:size])
    theirs.close()
    port = Port(ours)
    assert collect(port, 2) == [Frame(16, b"whole")]
    assert port.ended
    assert port.cut


@pytest.mark.parametrize("size", [3, 6, 10])
def test_a_truncated_stream_is_an_error_for_a_child(pair, size):
    ours, theirs = pair
    theirs.sendall(pack(16, b"truncated")[:size])
    theirs.close()
    with pytest.raises(FrameError, match="ends inside"):
        Channel(ours).receive()


def test_the_end_between_frames_is_the_end(pair):
    ours, theirs = pair
    theirs.sendall(pack(16, b"last"))
    theirs.close()
    channel = Channel(ours)
    assert channel.receive() == Frame(16, b"last")
    assert channel.receive() is None


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, READ_SIZE, 32 * MIB, MAX_FRAME])
def test_frames_of_every_size_go_there_and_back(pair, size):
    ours, theirs = pair
    payload = os.urandom(min(size, MIB)) * (size // MIB or 1) if size >= MIB else os.urandom(size)

    def echo():
        channel = Channel(theirs)
        while frame := channel.receive():
            channel.send(frame.kind, memoryview(frame.payload))

    thread = threading.Thread(target=echo)
    thread.start()
    port = Port(ours)
    port.queue(16, b"before")
    port.queue(17, memoryview(payload))
    port.queue(18, b"after")
    frames = collect(port, 3)
    ours.shutdown(socket.SHUT_WR)
    thread.join()
    assert [frame.kind for frame in frames] == [16, 17, 18]
    assert frames[1].payload == payload


def test_a_frame_too_long_is_not_sent(pair):
    with pytest.raises(ValueError, match="longer"):
        Channel(pair[0]).send(16, bytes(MAX_FRAME + 1))


def test_put_frames_keep_their_order_and_leave_with_the_next_send(pair):
    ours, theirs = pair
    channel = Channel(theirs)
    for number in range(500):
        channel.put(16, str(number).encode())
    channel.send(17, b"end")
    frames = collect(Port(ours), 501)
    assert [frame.payload for frame in frames[:-1]] == [str(number).encode() for number in range(500)]
    assert frames[-1] == Frame(17, b"end")


def test_descriptors_arrive_with_their_own_frame(pair, tmp_path):
    ours, theirs = pair
    names = [tmp_path / name for name in "abc"]
    for name in names:
        name.write_text(name.name)
    fds = [os.open(name, os.O_RDONLY) for name in names]
    channel = Channel(theirs)
    channel.put(16, b"none")
    channel.send(17, b"one", (fds[0],))
    channel.put(16, b"none")
    channel.send(18, b"two" * 9999, (fds[1], fds[2]))
    frames = collect(Port(ours, accepts_fds=True), 4)
    texts = [[os.pread(fd, 9, 0).decode() for fd in frame.fds] for frame in frames]
    for fd in (*fds, *(fd for frame in frames for fd in frame.fds)):
        os.close(fd)
    assert texts == [[], ["a"], [], ["b", "c"]]


def test_queued_descriptors_reach_a_child_and_stay_the_callers(pair, tmp_path):
    ours, theirs = pair
    (tmp_path / "a").write_text("a")
    fd = os.open(tmp_path / "a", os.O_RDONLY)
    before = open_fds()
    port = Port(ours)
    port.queue(16, b"x" * 100)
    port.queue(17, b"y" * 10_000, (fd, fd))
    port.queue(18, b"z")
    os.close(fd)
    assert port.flush()
    channel = Channel(theirs)
    assert channel.receive() == Frame(16, b"x" * 100)
    frame = channel.receive()
    assert [os.pread(fd, 9, 0) for fd in frame.fds] == [b"a", b"a"]
    assert channel.receive() == Frame(18, b"z")
    for fd in frame.fds:
        os.close(fd)
    assert len(open_fds()) == len(before) - 1


def test_a_large_frame_brings_its_descriptors_once(pair):
    ours, theirs = pair
    received = []

    def receive():
        channel = Channel(theirs)
        while frame := channel.receive():
            received.append(frame)
            channel.send(18, b"got it")

    thread = threading.Thread(target=receive)
    thread.start()
    port = Port(ours)
    with open(os.devnull) as file:
        port.queue(16, bytes(8 * MIB), (file.fileno(),))
        port.queue(17, b"", (file.fileno(), file.fileno()))
    assert len(collect(port, 2)) == 2
    ours.shutdown(socket.SHUT_WR)
    thread.join()
    for frame in received:
        for fd in frame.fds:
            os.close(fd)
    assert [(len(frame.payload), len(frame.fds)) for frame in received] == [(8 * MIB, 1), (0, 2)]


def test_descriptors_are_dropped_where_none_may_come(pair):
    ours, theirs = pair
    before = open_fds()
    socket.send_fds(theirs, [pack(16, b"x")], [0])
    assert Port(ours).read() == [Frame(16, b"x")]
    socket.send_fds(theirs, [pack(16, b"x", 1)], [0])
    with pytest.raises(FrameError, match="names 1 descriptors and brings 0"):
        Port(ours).read()
    assert open_fds() == before


def test_descriptors_that_no_frame_names_are_refused_and_closed(pair):
    ours, theirs = pair
    before = open_fds()
    port = Port(ours, accepts_fds=True)
    socket.send_fds(theirs, [pack(16, b"x")], [0, 1])
    with pytest.raises(FrameError, match="no frame names"):
        port.read()
    port.close()
    assert len(open_fds()) == len(before) - 1  # the port's own


def test_a_drip_of_descriptors_inside_a_frame_is_refused(pair):
    ours, theirs = pair
    port = Port(ours, accepts_fds=True)
    theirs.sendall(struct.pack(">IBB", 1000, 16, 0))
    assert port.read() == []

    def drip():
        for _ in range(10):
            socket.send_fds(theirs, [b"x"], [0, 0])
            port.read()

    with pytest.raises(FrameError, match="no frame names"):
        drip()
    port.close()


def test_a_header_with_too_many_descriptors_is_refused():
    with pytest.raises(FrameError, match="descriptors"):
        list(FrameBuffer().feed(pack(16, b"", MAX_FDS + 1)))


def test_nothing_to_read_is_no_end(pair):
    port = Port(pair[0])
    assert port.read() == []
    assert not port.ended


def test_a_full_socket_is_no_error(pair):
    ours, _ = pair
    port = Port(ours)
    port.queue(16, bytes(8 * MIB))
    assert not port.flush()
    assert port.unsent


def test_a_child_that_is_gone_breaks_the_pipe(pair):
    ours, theirs = pair
    theirs.close()
    port = Port(ours)
    port.queue(16, b"x")
    with pytest.raises(BrokenPipeError):
        port.flush()
    assert port.read() == []
    assert port.ended


def test_unread_frames_of_the_other_side_are_still_an_end(pair):
    ours, theirs = pair
    ours.sendall(b"never read")
    theirs.sendall(pack(16, b"x"))
    theirs.close()  # with bytes unread: the kernel says "connection reset"
    port = Port(ours)
    frames = collect(port, 2)
    assert frames in ([], [Frame(16, b"x")])
    assert port.ended
