using System.Runtime.InteropServices;
using Recs.Domain.Events;

namespace Recs.Storage.Facts;

/// <summary>A fact with the key of its event id, which is computed once.</summary>
/// <param name="Fact">The fact.</param>
/// <param name="Day">UTC day of its event time, from 1970-01-01.</param>
/// <param name="Key">See <see cref="EventKey"/>.</param>
internal readonly record struct KeyedFact(Fact Fact, int Day, UInt128 Key);

/// <summary>
/// The facts of one batch without the resends within it: of a key (day, event id) the first stays. Whether a key is already stored is for the database to say.
/// The room is used again for the next batch. One thread at a time.
/// </summary>
internal sealed class DistinctFacts
{
    private readonly List<KeyedFact> _facts = [];

    // Open addressing, at most half full: the place of a fact in the list, from 1; 0 is empty.
    private int[] _places = new int[64];

    /// <summary>The distinct ones of <paramref name="facts"/>, in their order; good until the next call.</summary>
    public List<KeyedFact> Of(IReadOnlyList<Fact> facts)
    {
        _facts.Clear();
        if (_places.Length < 2 * facts.Count) _places = new int[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(2 * facts.Count))];
        else Array.Clear(_places);
        foreach (var fact in facts)
        {
            var keyed = new KeyedFact(fact, fact.Event.Time.DayIndex, EventKey.Of(fact.Event.Id));
            ref var place = ref Find(keyed);
            if (place != 0) continue;
            _facts.Add(keyed);
            place = _facts.Count;
        }
        return _facts;
    }

    private ref int Find(in KeyedFact wanted)
    {
        var facts = CollectionsMarshal.AsSpan(_facts);
        for (var slot = (int)(ulong)wanted.Key; ; slot++)
        {
            ref var place = ref _places[slot & (_places.Length - 1)];
            if (place == 0) return ref place;
            ref readonly var there = ref facts[place - 1];
            if (there.Key == wanted.Key && there.Day == wanted.Day) return ref place;
        }
    }
}
