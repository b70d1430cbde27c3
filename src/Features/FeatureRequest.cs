using Recs.Domain;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Features.State;

namespace Recs.Features;

/// <summary>What is the same for all candidates of a request.</summary>
internal sealed class FeatureRequest
{
    public required RankingState State { get; init; }

    /// <summary>Interned user, or −1 for one never seen.</summary>
    public required int User { get; init; }

    /// <summary>What is kept of the user; empty for one never seen.</summary>
    public required UserProfile Profile { get; init; }

    /// <summary>The moment of the request.</summary>
    public required Timestamp Now { get; init; }

    /// <summary>The moment at which decayed counters are read: <see cref="Now"/>, or an earlier one at which they were made to stand still.</summary>
    public required Timestamp CountedAt { get; init; }

    /// <summary>Where the slate is shown; "" where that is not known.</summary>
    public string Surface { get; init; } = "";

    /// <summary>Co-engagement known before <see cref="Now"/>'s week, or null.</summary>
    public AffinityTable? Affinity { get; init; }

    /// <summary>Item vectors, or null.</summary>
    public ItemVectors? Vectors { get; init; }

    /// <summary>The user's recent interactions, oldest first.</summary>
    public ReadOnlySpan<RecentInteraction> Recents => Profile.Recents.Entries;
}

/// <summary>An item to be judged.</summary>
/// <param name="Item">Interned item, or −1 for one no event ever named.</param>
/// <param name="Entry">Its catalogue entry, or null.</param>
/// <param name="Position">The place it was shown at in training; 1 when it is served.</param>
internal readonly record struct Candidate(int Item, Catalogue.Entry? Entry, int Position);
