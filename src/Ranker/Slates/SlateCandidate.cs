using Recs.Domain;
using Recs.Domain.Items;

namespace Recs.Ranker.Slates;

/// <summary>An item that may come into the slate; without <paramref name="Item"/> the catalogue does not have it.</summary>
internal readonly record struct SlateCandidate(ItemId Id, Item? Item);

/// <summary>A candidate that passed the filters, with what the heads say.</summary>
/// <param name="Item">The item.</param>
/// <param name="Probabilities">In the order of the model's heads.</param>
/// <param name="Value">Σ weight × probability.</param>
internal sealed record ScoredCandidate(Item Item, float[] Probabilities, double Value);
