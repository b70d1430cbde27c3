using System.Security.Cryptography;
using Recs.Domain;

namespace Recs.Pipelines.Plan;

/// <summary>Bytes a second of reading a file front to back.</summary>
internal static class DiskRate
{
    /// <summary>Read at most.</summary>
    private const long MostBytes = 1L << 30;

    /// <summary>Enough to know: a slow disk is not read for minutes.</summary>
    private const double MostSeconds = 2;

    /// <summary>Of the file that is written where no checkpoint is: large enough that a disk's own memory does not hold it all.</summary>
    private const int OwnBytes = 256 << 20;

    private const int Block = 8 << 20;

    /// <summary>Of a file that is there.</summary>
    /// <exception cref="RefusedException">It cannot be read.</exception>
    public static MeasuredRate Of(string path, TimeProvider clock)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.SequentialScan);
            var isCold = FileCache.TryDrop(file);
            var buffer = new byte[Block];
            var begun = clock.GetTimestamp();
            var read = 0L;
            while (read < MostBytes && (read == 0 || clock.GetElapsedTime(begun).TotalSeconds < MostSeconds))
            {
                var count = RandomAccess.Read(file, buffer, read);
                if (count == 0) break;
                read += count;
            }
            if (read == 0) throw new RefusedException($"{path}: is empty; give --disk-rate");
            var rate = read / Math.Max(clock.GetElapsedTime(begun).TotalSeconds, 1e-9);
            return new MeasuredRate(rate, isCold ? "measured, file cache dropped" : "measured, cached: give --disk-rate to plan for a disk");
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException($"{path}: cannot be read to measure the disk ({failed.Message}); give --disk-rate", failed);
        }
    }

    /// <summary>Of a file that is written for it in the temporary folder, and deleted.</summary>
    /// <exception cref="RefusedException">It cannot be written.</exception>
    public static MeasuredRate OfTemporaryFile(TimeProvider clock)
    {
        var folder = Directory.CreateTempSubdirectory("recs-plan-");
        try
        {
            var path = Path.Combine(folder.FullName, "rate");
            using (var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, OwnBytes))
            {
                // Bytes that no disk can make smaller, the same ones again: disks do not look for repeats.
                var block = SHA256.HashData("disk rate"u8);
                var buffer = new byte[Block];
                for (var at = 0; at < Block; at += block.Length)
                {
                    block.CopyTo(buffer, at);
                    block = SHA256.HashData(block);
                }
                for (var at = 0L; at < OwnBytes; at += Block) RandomAccess.Write(file, buffer, at);
                RandomAccess.FlushToDisk(file); // only what is on the disk can be dropped from memory
            }
            return Of(path, clock);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException($"{folder.FullName}: cannot be written to measure the disk ({failed.Message}); give --disk-rate", failed);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
