using Recs.Domain.Events;
using Recs.Features.State;

namespace Recs.Features;

/// <summary>
/// One signal with both its halves in one file: what an event changes, and what a candidate's row then reads. The same
/// code runs in ingest, training, batch and serving, so they cannot differ.
/// The update half keeps nothing in the instance; the read half may keep scratch for the request at hand, so an
/// instance that reads belongs to one thread.
/// </summary>
internal abstract class Feature
{
    /// <summary>The names of the columns, in order; part of the model's schema.</summary>
    public abstract IReadOnlyList<string> Columns { get; }

    /// <summary>Whether the columns need item vectors: the ablation without embeddings leaves them out.</summary>
    public virtual bool NeedsEmbeddings => false;

    /// <summary>Whether the columns need the table of who liked what: without such a feature it is not built.</summary>
    public virtual bool NeedsRatings => false;

    /// <summary>Folds one event into the part of <paramref name="state"/> that this feature owns; integers only.</summary>
    /// <param name="source">What happened.</param>
    /// <param name="state">Its own part is changed, nothing else.</param>
    /// <param name="sign">+1 to add; −1 to take away an event that was added, where its user is being forgotten.</param>
    public virtual void Update(Event source, RankingState state, int sign) { }

    /// <summary>Work done once for a request, before its candidates are read.</summary>
    public virtual void Begin(FeatureRequest request) { }

    /// <summary>Writes the columns of one candidate. Every value is finite: what is missing has a value of its own, stated by the feature.</summary>
    /// <param name="request">Who asks, and when.</param>
    /// <param name="candidate">What is judged.</param>
    /// <param name="values">One place per column.</param>
    public abstract void Read(FeatureRequest request, in Candidate candidate, Span<float> values);

    /// <summary>How the values that <see cref="Read"/> gives this candidate came about: the counts, tiles, priors, half-lives and neighbours behind each column, in words.</summary>
    /// <param name="request">The request that <see cref="Begin"/> was called with.</param>
    /// <param name="candidate">What is judged.</param>
    /// <returns>One sentence for each column, in their order. Nothing in it is read by a model; numbers are rounded for people.</returns>
    public abstract string[] Explain(FeatureRequest request, in Candidate candidate);

    /// <summary>Text with numbers in the invariant culture.</summary>
    protected static string Say(FormattableString text) => FormattableString.Invariant(text);

    /// <summary>log(1 + x): counts span five powers of ten.</summary>
    protected static float Log(double count) => (float)Math.Log(1 + count);
}
