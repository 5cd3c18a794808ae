"""Which errors of a model mean that its memory is used up, said in each library's own words."""

import pytest

from model_proc.loop import is_out_of_memory


class OutOfMemoryError(RuntimeError):
    """As PyTorch has it for most cards."""


class AcceleratorError(RuntimeError):
    """As PyTorch has it for whatever a card reports."""


class BrokenError(RuntimeError):
    def __str__(self) -> str:
        raise ValueError("no words")


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OutOfMemoryError("Tried to allocate 20.00 GiB."),
        AcceleratorError("CUDA error: out of memory\nCUDA kernel errors might be reported later."),
        RuntimeError("MPS backend out of memory (MPS allocated: 17.00 GB, max allowed: 18.13 GB)."),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:124] . DefaultCPUAllocator: can't allocate memory: you tried."
        ),
    ],
)
def test_memory_that_is_used_up_is_known_in_any_words(error: BaseException) -> None:
    assert is_out_of_memory(error)


@pytest.mark.parametrize(
    "error",
    [
        AcceleratorError("CUDA error: an illegal memory access was encountered"),
        RuntimeError("The size of tensor a (3) must match the size of tensor b (4)"),
        ValueError("A prompt about being out of memory"),
        BrokenError(),
    ],
)
def test_other_errors_are_not_taken_for_it(error: BaseException) -> None:
    assert not is_out_of_memory(error)
