using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;
using Recs.Domain;

namespace Recs.Embedder.Checkpoint;

/// <summary>
/// One .safetensors file, mapped for what is looked up here and there, read for what passes through once. Thread-safe once made.
/// </summary>
internal sealed unsafe class SafetensorsFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly MemoryMappedFile _mapping;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    private SafetensorsFile(string path, long length, SafeFileHandle handle, MemoryMappedFile mapping)
    {
        _handle = handle;
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
            var handle = File.OpenHandle(path);
            file = new SafetensorsFile(path, length, handle, MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true));
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

    /// <summary>Reads the bytes at a place of the mapping from the file.</summary>
    /// <exception cref="RefusedException">The file has become shorter, or cannot be read.</exception>
    public void Read(byte* place, byte* to, long bytes)
    {
        var offset = place - _start;
        while (bytes > 0)
        {
            var read = ReadSome(offset, new Span<byte>(to, (int)Math.Min(bytes, 1 << 30)));
            offset += read;
            to += read;
            bytes -= read;
        }
    }

    /// <summary>Hands all bytes of the file, in order, to <paramref name="consume"/>.</summary>
    /// <exception cref="RefusedException">The file has become shorter, or cannot be read.</exception>
    public void ForEachBlock(Action<ReadOnlySpan<byte>> consume)
    {
        var block = new byte[1 << 20];
        for (long at = 0; at < Length;)
        {
            var read = ReadSome(at, block.AsSpan(0, (int)Math.Min(block.Length, Length - at)));
            consume(block.AsSpan(0, read));
            at += read;
        }
    }

    private int ReadSome(long offset, Span<byte> to)
    {
        try
        {
            var read = RandomAccess.Read(_handle, to, offset);
            return read > 0 ? read : throw new RefusedException($"{Path}: ends at byte {offset}, but had {Length} bytes when it was opened; it was changed meanwhile");
        }
        catch (IOException failed)
        {
            throw new RefusedException($"{Path}: cannot be read at byte {offset} ({failed.Message})", failed);
        }
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _mapping.Dispose();
        _handle.Dispose();
    }
}
