using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;

namespace Recs.Ranker.Slates;

/// <summary>The answer: what to show, in order.</summary>
/// <param name="Entries">Positions 1, 2, … without gaps; fewer than asked when candidates run out.</param>
/// <param name="Candidates">How many candidates were looked at.</param>
/// <param name="Removed">What was taken out, filters first, in the order of the candidates; empty unless the request asked for it.</param>
/// <param name="Displaced">Which content gave way to an ad, and what the two were worth; empty unless the request asked for it.</param>
/// <param name="SkippedSources">Sources that failed or were late, with the reason.</param>
public sealed record Slate(IReadOnlyList<SlateEntry> Entries, int Candidates, IReadOnlyList<Removal> Removed, IReadOnlyList<Displacement> Displaced, IReadOnlyList<string> SkippedSources);

/// <summary>Content that would have stood where an ad stands.</summary>
/// <param name="Position">Where.</param>
/// <param name="Ad">What stands there.</param>
/// <param name="Content">What would have.</param>
/// <param name="AdWorth">Expected revenue of one impression in values of content, and the ad's own value; the policy's <c>ads.unit_value</c> makes them one.</param>
/// <param name="ContentValue">The content's value.</param>
/// <param name="Reason">Why the ad stands there, for a person.</param>
public sealed record Displacement(int Position, ItemId Ad, ItemId Content, double AdWorth, double ContentValue, string Reason);

/// <summary>One place of a slate.</summary>
/// <param name="Position">1 is the first.</param>
/// <param name="Item">What stands there.</param>
/// <param name="Kind">Content or ad.</param>
/// <param name="Score">Σ weight × probability by the policy's weights.</param>
/// <param name="Heads">The calibrated probability of each predicted action.</param>
/// <param name="Ad">The auction's outcome; null for content.</param>
/// <param name="Propensity">The probability with which the policy puts this item here, in (0, 1]: below 1 only where new items are tried.</param>
public sealed record SlateEntry(int Position, ItemId Item, ItemKind Kind, double Score, IReadOnlyList<HeadProbability> Heads, AdPrice? Ad, double Propensity);

/// <summary>What one head says.</summary>
/// <param name="Action">Of which action.</param>
/// <param name="Probability">In (0, 1).</param>
public readonly record struct HeadProbability(InteractionType Action, float Probability);

/// <summary>What an ad's place costs.</summary>
/// <param name="Advertiser">Who pays.</param>
/// <param name="EcpmMicros">Expected revenue of a thousand impressions at the bid, in millionths of the currency, rounded down.</param>
/// <param name="PriceMicros">What is owed each time the bid's event happens (for a bid per thousand: for a thousand impressions); never above the bid.</param>
public sealed record AdPrice(AdvertiserId Advertiser, long EcpmMicros, long PriceMicros);
