using System.Text.Json;
using Recs.Domain;

namespace Recs.Embedder.Checkpoint;

/// <summary>Reads a whole JSON file; what is wrong with it is said with the file's name.</summary>
internal static class JsonFile
{
    /// <exception cref="RefusedException">Missing, unreadable or not JSON.</exception>
    public static JsonDocument Read(string path) => Parse(ReadBytes(path), path);

    /// <exception cref="RefusedException">Not JSON.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> bytes, string path)
    {
        if (bytes.Span.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
        try
        {
            return JsonDocument.Parse(bytes);
        }
        catch (JsonException broken)
        {
            throw new RefusedException($"{path}: not JSON ({broken.Message.Split('\n', 2)[0].TrimEnd('\r', '.')})", broken);
        }
    }

    /// <exception cref="RefusedException">Missing or unreadable.</exception>
    public static byte[] ReadBytes(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder)) throw new RefusedException($"{folder}: no such folder");
        if (!File.Exists(path)) throw new RefusedException($"{path}: no such file");
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException($"{path}: cannot be read ({failed.Message})", failed);
        }
    }
}
