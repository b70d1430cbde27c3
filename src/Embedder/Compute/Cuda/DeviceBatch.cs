using Recs.Embedder.Compute.Cuda.Kernels;

namespace Recs.Embedder.Compute.Cuda;

/// <summary>What the kernels need of a <see cref="PackedBatch"/>, as int32 on the device: positions, sequence starts, attention tiles.</summary>
internal sealed unsafe class DeviceBatch(CudaArena arena)
{
    private readonly PinnedBuffer _host = arena.NewPinned();
    private readonly DeviceBuffer _device = arena.NewBuffer("positions");
    private readonly CudaEvent _sent = arena.NewEvent();
    private long _starts, _tiles;

    /// <summary>[tokens]</summary>
    public DevicePointer Positions => _device.Pointer;

    /// <summary>[sequences + 1]</summary>
    public DevicePointer Starts => _device.Pointer.Plus(_starts);

    /// <summary>Of <see cref="AttentionTiles"/>.</summary>
    public DevicePointer Tiles => _device.Pointer.Plus(_tiles);

    public int TileCount { get; private set; }

    /// <summary>Sends the batch as it is now.</summary>
    public void Send(PackedBatch batch, CudaStream stream)
    {
        TileCount = AttentionTiles.Count(batch.Starts);
        _starts = Rounded(batch.Tokens);
        _tiles = _starts + Rounded(batch.Sequences + 1);
        var bytes = _tiles + Rounded(TileCount * AttentionTiles.Fields);
        _sent.Wait();
        arena.Reserve(_host, bytes);
        arena.Reserve(_device, bytes);
        batch.Positions.CopyTo(new Span<int>(_host.Pointer, batch.Tokens));
        batch.Starts.CopyTo(new Span<int>(_host.Pointer + _starts, batch.Sequences + 1));
        AttentionTiles.Fill(batch.Starts, new Span<int>(_host.Pointer + _tiles, TileCount * AttentionTiles.Fields));
        // Gaps between the three are sent along, so they are made something.
        Clear(batch.Tokens, _starts);
        Clear(_starts / sizeof(int) + batch.Sequences + 1, _tiles);
        stream.Upload(_host.Pointer, _device.Pointer, _tiles + TileCount * AttentionTiles.Fields * sizeof(int));
        _sent.Record(stream);
    }

    private void Clear(long from, long end) => new Span<byte>(_host.Pointer + from * sizeof(int), (int)(end - from * sizeof(int))).Clear();

    /// <summary>Bytes of so many int32, to a multiple of what addresses must be.</summary>
    private static long Rounded(long count) => (count * sizeof(int) + 255) / 256 * 256;
}
