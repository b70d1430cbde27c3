using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using Recs.Domain;

namespace Recs.Embedder.Checkpoint;

/// <summary>One memory-mapped .safetensors file. Reading a tensor touches only that tensor's pages. Thread-safe once made.</summary>
internal sealed unsafe class SafetensorsFile : IDisposable
{
    private readonly MemoryMappedFile _mapping;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    private SafetensorsFile(string path, long length, MemoryMappedFile mapping)
    {
        Path = path;
        Length = length;
        _mapping = mapping;
        _view = mapping.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        _start = pointer + _view.PointerOffset;
    }

    public string Path { get; }

    /// <summary>Bytes of the whole file.</summary>
    public long Length { get; }

    public IReadOnlyList<TensorView> Tensors { get; private set; } = [];

    /// <exception cref="RefusedException">The file is missing, cut or damaged.</exception>
    public static SafetensorsFile Open(string path)
    {
        if (!File.Exists(path)) throw new RefusedException($"{path}: no such file");
        var length = new FileInfo(path).Length;
        if (length < 8) throw new RefusedException($"{path}: {length} bytes hold no safetensors header; the file is truncated");
        SafetensorsFile file;
        try
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            file = new SafetensorsFile(path, length, MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false));
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException($"{path}: cannot be read ({failed.Message})", failed);
        }
        try
        {
            file.ReadHeader();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void ReadHeader()
    {
        var headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(_start, 8));
        if (headerBytes > (ulong)SafetensorsHeader.MaxBytes)
            throw new RefusedException($"{Path}: header length {headerBytes} is over the limit of {SafetensorsHeader.MaxBytes}; the file is damaged or not safetensors");
        if ((long)headerBytes > Length - 8)
            throw new RefusedException($"{Path}: the header claims {headerBytes} bytes, but {Length - 8} follow; the file is truncated");
        var json = new ReadOnlySpan<byte>(_start + 8, (int)headerBytes).ToArray();
        var data = _start + 8 + headerBytes;
        var entries = SafetensorsHeader.Parse(json, Length - 8 - (long)headerBytes, Path);
        Tensors = [.. entries.Select(entry => new TensorView(this, entry, data + entry.Begin))];
    }

    /// <summary>Hands the mapped bytes, in order, to <paramref name="consume"/>: what is hashed is what is computed with.</summary>
    public void ForEachBlock(Action<ReadOnlySpan<byte>> consume)
    {
        const int block = 1 << 24;
        for (long at = 0; at < Length; at += block)
            consume(new ReadOnlySpan<byte>(_start + at, (int)Math.Min(block, Length - at)));
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _mapping.Dispose();
    }
}
