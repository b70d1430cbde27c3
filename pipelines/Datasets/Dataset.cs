using Recs.Domain;
using Recs.Domain.Events;

namespace Recs.Pipelines.Datasets;

/// <summary>A public data set told as events, with the protocol by which its ranking is judged.</summary>
internal abstract class Dataset
{
    /// <summary>The name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>What is real and what is made up, in a sentence.</summary>
    public abstract string Provenance { get; }

    /// <summary>The folder that is bundled, relative to the root of the repository; null when the licence forbids it.</summary>
    public abstract string? BundledFolder { get; }

    /// <summary>How an item's text is made for the embedder.</summary>
    public abstract string Template { get; }

    /// <summary>What a good answer leads to: the label, and the head that is trained.</summary>
    public abstract InteractionType Action { get; }

    /// <summary>What a user did, in words: "bought".</summary>
    public abstract string Did { get; }

    /// <summary>All events, in the order (known, event time, event id).</summary>
    /// <param name="folder">Where the files lie.</param>
    /// <param name="seed">For everything that is drawn.</param>
    /// <exception cref="RefusedException">A file is missing or is not what it should be.</exception>
    public abstract IReadOnlyList<Fact> Read(string folder, int seed);

    /// <summary>When training, validation and test begin, given the moments of all impressions in order.</summary>
    public abstract Protocol Protocol(IReadOnlyList<Timestamp> impressions);

    /// <summary>Data sets by name.</summary>
    public static IReadOnlyList<Dataset> All { get; } = [new OnlineRetail.OnlineRetailDataset(), new MovieLens.MovieLens100kDataset()];

    /// <exception cref="RefusedException">No such data set.</exception>
    public static Dataset Find(string name) => All.FirstOrDefault(dataset => dataset.Name == name)
        ?? throw new RefusedException($"data set '{name}' is not one this build reads; it reads {string.Join(", ", All.Select(dataset => dataset.Name))}");

    /// <summary>Facts in the order of the store: (known, event time, event id).</summary>
    internal static IReadOnlyList<Fact> InOrder(List<Fact> facts)
    {
        facts.Sort((a, b) =>
        {
            var order = a.Known.CompareTo(b.Known);
            if (order == 0) order = a.Event.Time.CompareTo(b.Event.Time);
            return order != 0 ? order : string.CompareOrdinal(a.Event.Id.Value, b.Event.Id.Value);
        });
        return facts;
    }
}

/// <summary>The periods of a protocol: rows from <paramref name="Train"/> on are learnt from, later ones validated and tested on.</summary>
/// <param name="Train">Impressions before it only warm the state up.</param>
/// <param name="Valid">Where validation begins.</param>
/// <param name="Test">Where the test begins.</param>
/// <param name="Text">The protocol in a sentence.</param>
/// <param name="ByUser">Lists are judged by user, not by impression: for logs of single items.</param>
internal sealed record Protocol(Timestamp Train, Timestamp Valid, Timestamp Test, string Text, bool ByUser);
