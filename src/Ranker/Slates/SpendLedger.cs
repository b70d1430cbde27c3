using System.Runtime.InteropServices;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;

namespace Recs.Ranker.Slates;

/// <summary>
/// What ads owe, as a fold of the facts: an impression says an ad's price, and it is owed once the bid's event follows on the same
/// request and item, once for each shown item, on the UTC day of the impression (as the spend report counts). Integers only.
/// Horizon: <see cref="HorizonDays"/> behind the newest event time, and at most <see cref="Capacity"/> open (request, item) pairs;
/// overflow policy: the pairs that came first are forgotten, and what follows on them is not owed here (the report still has it).
/// Within the horizon the sums do not depend on the order of the facts. Thread rule: many readers or one writer.
/// </summary>
public sealed class SpendLedger
{
    /// <summary>Days behind the newest event time that are remembered: an action later than this after its impression is not owed.</summary>
    public const int HorizonDays = 8;

    private readonly Dictionary<(string Request, string Item), Shown> _shown = [];
    private readonly Queue<(string Request, string Item, Timestamp Time)> _arrivals = [];
    private readonly Dictionary<(string Ad, int Day), Owed> _owed = [];
    private Timestamp _newest;

    /// <param name="capacity">Open pairs remembered, at least 1; some 200 bytes each.</param>
    public SpendLedger(int capacity = 1_000_000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Capacity = capacity;
    }

    /// <summary>Open pairs remembered.</summary>
    public int Capacity { get; }

    /// <summary>Takes in one event. The caller sees to it that each distinct event comes once.</summary>
    public void Apply(Event source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Time > _newest) Advance(source.Time);
        if (source.Time < Oldest) return;
        switch (source)
        {
            case Impression impression:
                foreach (var shown in impression.Items)
                    if (shown.PriceMicros > 0) Show(impression, shown);
                break;
            case Interaction { Request: { } request, Action: InteractionType.Click or InteractionType.Conversion } interaction:
                ref var pair = ref Pair(request, interaction.Item, interaction.Time);
                var before = pair;
                if (interaction.Action == InteractionType.Click) pair.Clicked = true;
                else pair.Converted = true;
                Charge(interaction.Item, before, pair);
                break;
        }
    }

    /// <summary>What an ad owes for a UTC day, in millionths of the currency.</summary>
    /// <param name="ad">The ad.</param>
    /// <param name="per">What its bid pays for.</param>
    /// <param name="day">See <see cref="Timestamp.DayIndex"/>; days beyond the horizon read as 0.</param>
    public long Spent(ItemId ad, BidUnit per, int day) => !_owed.TryGetValue((ad.Value, day), out var owed) ? 0 : per switch
    {
        BidUnit.Thousand => owed.Thousandths / 1_000,
        BidUnit.Click => owed.Clicked,
        _ => owed.Converted,
    };

    private Timestamp Oldest => Timestamp.OfDay(_newest.DayIndex - HorizonDays);

    private void Show(Impression impression, ShownItem shown)
    {
        ref var pair = ref Pair(impression.Request, shown.Item, impression.Time);
        if (pair.Price > 0) return; // a request's ad is priced once
        var before = pair;
        (pair.Price, pair.Day) = (shown.PriceMicros, impression.Time.DayIndex);
        Charge(shown.Item, before, pair);
    }

    private ref Shown Pair(RequestId request, ItemId item, Timestamp time)
    {
        var key = (request.Value, item.Value);
        if (!_shown.ContainsKey(key))
        {
            _arrivals.Enqueue((request.Value, item.Value, time));
            while (_arrivals.Count > Capacity) Forget();
        }
        return ref CollectionsMarshal.GetValueRefOrAddDefault(_shown, key, out _);
    }

    // The sums move by the difference that the event makes, so each part is owed once.
    private void Charge(ItemId ad, in Shown before, in Shown after)
    {
        if (after.Price == 0) return;
        ref var owed = ref CollectionsMarshal.GetValueRefOrAddDefault(_owed, (ad.Value, after.Day), out _);
        if (before.Price == 0) owed.Thousandths += after.Price;
        if (after.Clicked && !(before.Clicked && before.Price > 0)) owed.Clicked += after.Price;
        if (after.Converted && !(before.Converted && before.Price > 0)) owed.Converted += after.Price;
    }

    private void Advance(Timestamp newest)
    {
        var turned = newest.DayIndex > _newest.DayIndex;
        _newest = newest;
        while (_arrivals.TryPeek(out var first) && first.Time < Oldest) Forget();
        if (!turned) return;
        foreach (var key in _owed.Keys.Where(key => key.Day < Oldest.DayIndex).ToList()) _owed.Remove(key);
    }

    private void Forget()
    {
        var (request, item, _) = _arrivals.Dequeue();
        _shown.Remove((request, item));
    }

    private record struct Shown(long Price, int Day, bool Clicked, bool Converted);

    private record struct Owed(long Thousandths, long Clicked, long Converted);
}
