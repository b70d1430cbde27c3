using Recs.Domain;
using Recs.Features;

namespace Recs.Ranker.Training;

/// <summary>
/// Feature rows with labels, one for each content item of each impression, in the order in which the impressions became
/// known. Columns lie flat so that a million rows are a handful of arrays.
/// </summary>
public sealed class TrainingSet
{
    internal TrainingSet(int rows, FeatureSchema schema, IReadOnlyList<TrainingGroup> groups)
    {
        Schema = schema;
        Groups = groups;
        Features = new float[checked(rows * Width)];
        Labels = new bool[rows];
        Cold = new bool[rows];
        Items = new ItemId[rows];
    }

    /// <summary>The columns of a row.</summary>
    public FeatureSchema Schema { get; }

    /// <summary>Numbers in a row.</summary>
    public int Width => Schema.Width;

    /// <summary>Rows in all.</summary>
    public int Rows => Labels.Length;

    /// <summary>The impressions, in order of known time.</summary>
    public IReadOnlyList<TrainingGroup> Groups { get; }

    /// <summary>[rows × width], row-major.</summary>
    public float[] Features { get; }

    /// <summary>Whether the action followed. [rows]</summary>
    public bool[] Labels { get; }

    /// <summary>Whether the item was younger than the protocol's cold age. [rows]</summary>
    public bool[] Cold { get; }

    /// <summary>The items. [rows]</summary>
    public ItemId[] Items { get; }

    /// <summary>One row's features. [width]</summary>
    public ReadOnlySpan<float> Row(int row) => Features.AsSpan(row * Width, Width);
}

/// <summary>One impression's rows.</summary>
/// <param name="Request">The request.</param>
/// <param name="User">Who saw it.</param>
/// <param name="Time">When.</param>
/// <param name="First">Its first row.</param>
/// <param name="Count">Its rows.</param>
public readonly record struct TrainingGroup(RequestId Request, UserId User, Timestamp Time, int First, int Count);
