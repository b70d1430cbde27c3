using System.Runtime.InteropServices;
using System.Text;

namespace Recs.Storage.DuckDb;

/// <summary>
/// Texts of rows that the engine has not taken yet, as UTF-8 in unmanaged memory: it copies them when it takes the rows, so the room serves again then. Bytes stay where they are
/// until <see cref="Clear"/>. One thread at a time.
/// </summary>
internal sealed unsafe class TextArena : IDisposable
{
    private const int BlockBytes = 1 << 20;

    // All but the first are given back with the texts.
    private readonly List<IntPtr> _blocks = [];
    private byte* _next;
    private int _left;
    private bool _isDisposed;

    /// <summary>Keeps a text.</summary>
    /// <returns>Its UTF-8 bytes, <paramref name="length"/> of them.</returns>
    public byte* Add(string text, out int length)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most > _left) Grow(most);
        length = Encoding.UTF8.GetBytes(text, new Span<byte>(_next, _left));
        var start = _next;
        _next += length;
        _left -= length;
        return start;
    }

    /// <summary>Forgets all texts.</summary>
    public void Clear()
    {
        for (var i = 1; i < _blocks.Count; i++) NativeMemory.Free((void*)_blocks[i]);
        if (_blocks.Count == 0) return;
        _blocks.RemoveRange(1, _blocks.Count - 1);
        _next = (byte*)_blocks[0];
        _left = BlockBytes;
    }

    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        foreach (var block in _blocks) NativeMemory.Free((void*)block);
        _blocks.Clear();
        _next = null;
        _left = 0;
    }

    private void Grow(int bytes)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var size = _blocks.Count == 0 || bytes < BlockBytes ? BlockBytes : bytes;
        _blocks.Add((IntPtr)NativeMemory.Alloc((nuint)size));
        _next = (byte*)_blocks[^1];
        _left = size;
        if (bytes > size) Grow(bytes); // the first block has one size, so that it can be used again
    }
}
