namespace Recs.Embedder.Tests;

public sealed class AvailableMemoryTests
{
    [Fact]
    public void Parse_Meminfo_IsItsAvailableLine()
    {
        Assert.Equal(2048 * 1024, AvailableMemory.Parse(["MemTotal:   24684000 kB", "MemAvailable:       2048 kB", "Buffers:  3 kB"]));
        Assert.Null(AvailableMemory.Parse(["MemTotal: 5 kB"]));
        Assert.Null(AvailableMemory.Parse(["MemAvailable: many kB"]));
    }

    [Fact]
    public void Bytes_Here_IsPositiveAndWithinTheMachine() => Assert.InRange(AvailableMemory.Bytes(), 1, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
}
