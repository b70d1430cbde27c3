using System.Runtime.InteropServices;
using Recs.Domain;
using Recs.Ranker.Model;
using Recs.Ranker.Training;

namespace Recs.Ranker.LightGbm;

/// <summary>
/// LightGBM's own predictor over its C interface, on one thread: what our forest is compared with. Never used to serve.
/// Thread rule: one thread at a time.
/// </summary>
public sealed partial class LightGbmBooster : IDisposable
{
    private const string Library = "lib_lightgbm", OneThread = "num_threads=1 predict_disable_shape_check=true";
    private const int Float32 = 0, RowMajor = 1, RawScore = 1, Contribution = 3;

    private readonly int _width;
    private nint _booster;
    private nint _fast;

    private LightGbmBooster(nint booster, int width) => (_booster, _width) = (booster, width);

    /// <summary>Null where LightGBM's library loads; else what is missing.</summary>
    public static string? WhyNot => Learners.WhyNotLightGbm;

    /// <summary>LightGBM's reading of a forest.</summary>
    /// <param name="forest">Its trees are handed over in LightGBM's text format.</param>
    /// <param name="width">Numbers in a row.</param>
    /// <exception cref="RefusedException">The library does not load (see <see cref="WhyNot"/>), or does not take the forest.</exception>
    public static LightGbmBooster Load(RegressionForest forest, int width)
    {
        ArgumentNullException.ThrowIfNull(forest);
        if (WhyNot is { } reason) throw new RefusedException(reason);
        Require(LoadModelFromString(forest.ToLightGbmText(width), out _, out var booster));
        var loaded = new LightGbmBooster(booster, width);
        Require(SingleRowFastInit(booster, RawScore, 0, -1, Float32, width, OneThread, out loaded._fast));
        return loaded;
    }

    /// <summary>Raw scores of many rows by <c>LGBM_BoosterPredictForMat</c>.</summary>
    /// <param name="rows">[scores × width], row-major.</param>
    /// <param name="scores">As many as there are rows.</param>
    public void Predict(ReadOnlySpan<float> rows, Span<double> scores) => Predict(rows, scores.Length, RawScore, scores);

    /// <summary>Raw score of one row by <c>LGBM_BoosterPredictForMatSingleRowFast</c>.</summary>
    public double PredictOne(ReadOnlySpan<float> row)
    {
        Require(SingleRowFast(_fast, in MemoryMarshal.GetReference(row), out _, out var score));
        return score;
    }

    /// <summary>What each feature adds to the score of each row, and last what a row scores on average.</summary>
    /// <param name="rows">[count × width], row-major.</param>
    /// <param name="contributions">[count × (width + 1)].</param>
    public void Contributions(ReadOnlySpan<float> rows, Span<double> contributions) => Predict(rows, rows.Length / _width, Contribution, contributions);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_fast != 0) _ = FastConfigFree(_fast);
        if (_booster != 0) _ = BoosterFree(_booster);
        (_fast, _booster) = (0, 0);
    }

    private void Predict(ReadOnlySpan<float> rows, int count, int kind, Span<double> into)
    {
        Require(PredictForMat(_booster, in MemoryMarshal.GetReference(rows), Float32, count, _width, RowMajor, kind, 0, -1, OneThread, out var written, ref MemoryMarshal.GetReference(into)));
        if (written != into.Length) throw new InvalidOperationException($"LightGBM wrote {written} numbers, expected {into.Length}");
    }

    private static void Require(int status)
    {
        if (status != 0) throw new RefusedException($"LightGBM: {Marshal.PtrToStringUTF8(LastError())}");
    }

    [LibraryImport(Library, EntryPoint = "LGBM_GetLastError")]
    private static partial nint LastError();

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterLoadModelFromString", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LoadModelFromString(string text, out int iterations, out nint booster);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterFree")]
    private static partial int BoosterFree(nint booster);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterPredictForMat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int PredictForMat(nint booster, in float data, int type, int rows, int columns, int rowMajor, int kind, int first, int iterations, string parameters, out long written, ref double into);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterPredictForMatSingleRowFastInit", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SingleRowFastInit(nint booster, int kind, int first, int iterations, int type, int columns, string parameters, out nint fast);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterPredictForMatSingleRowFast")]
    private static partial int SingleRowFast(nint fast, in float row, out long written, out double score);

    [LibraryImport(Library, EntryPoint = "LGBM_FastConfigFree")]
    private static partial int FastConfigFree(nint fast);
}
