using Confluent.Kafka;

namespace Recs.Ingest.Tests;

public sealed class ReusedBytesTests
{
    [Fact]
    public void Deserialize_OneAfterTheOther_TakesTheSameMemory()
    {
        var bytes = new ReusedBytes();
        var first = bytes.Deserialize([1, 2, 3], isNull: false, SerializationContext.Empty)!.Value;
        Assert.Equal([1, 2, 3], first.ToArray());
        var second = bytes.Deserialize([4, 5], isNull: false, SerializationContext.Empty)!.Value;
        Assert.Equal([4, 5], second.ToArray());
        Assert.Equal([4, 5, 3], first.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4_097)]
    [InlineData(3 << 20)]
    public void Deserialize_AnyLength_IsWhole(int length)
    {
        var data = new byte[length];
        new Random(1).NextBytes(data);
        var bytes = new ReusedBytes();
        Assert.Equal(data, bytes.Deserialize(data, isNull: false, SerializationContext.Empty)!.Value.ToArray());
        Assert.Null(bytes.Deserialize([], isNull: true, SerializationContext.Empty));
    }
}
