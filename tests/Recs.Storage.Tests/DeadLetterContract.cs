using Recs.Domain.Wire;
using Recs.Tests;

namespace Recs.Storage.Tests;

/// <summary>Refused messages and gaps, the same on each engine.</summary>
public abstract class DeadLetterContract
{
    internal abstract TestDatabase NewDatabase();

    [Fact]
    public void Keep_OtherBytesAtTheSamePlace_AreAnotherLetter()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        store.Append(new([], [An.DeadLetter(4), An.DeadLetter(4) with { Raw = [7], Key = [0, 255] }, An.DeadLetter(4) with { Raw = [] }], [An.Move(0, 5)]));
        store.Append(new([], [An.DeadLetter(4) with { Raw = [7] }], [An.Move(0, 5, "other")]));
        Assert.Equal(3, store.Count().DeadLetters);
        var kept = Assert.Single(store.FindDeadLetters(DeadLetterFilter.All, 10), kept => kept.Letter.Raw is [7]);
        Assert.Equal([0, 255], kept.Letter.Key);
        Assert.Equal((DeadLetterState.Open, null, ""), (kept.State, kept.Changed, kept.Note));
    }

    [Fact]
    public void Find_EachFilter_LetsThroughWhatItNames()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        var future = new DeadLetter(new("other", 2), 9, new(RejectionReason.FutureTime, "x"), [1], An.Time.Plus(TimeSpan.FromHours(1)));
        store.Append(new([], [An.DeadLetter(1), An.DeadLetter(2), future], []));
        Assert.Equal(3, Count(DeadLetterFilter.All));
        Assert.Equal(1, Count(new() { Topic = "other" }));
        Assert.Equal(1, Count(new() { Partition = 2 }));
        Assert.Equal(1, Count(new() { Offset = 2 }));
        Assert.Equal(2, Count(new() { Reason = RejectionReason.NotJson }));
        Assert.Equal(1, Count(new() { Since = future.Known }));
        Assert.Equal(2, Count(new() { Until = future.Known }));
        Assert.Equal(0, Count(new() { State = DeadLetterState.Dropped }));
        List<long> paged = [];
        DeadLetterKey? after = null;
        while (store.FindDeadLetters(new() { After = after }, 1) is [var one])
        {
            paged.Add(one.Letter.Offset);
            after = one.Key;
        }
        Assert.Equal([9, 1, 2], paged);
        Assert.Equal(2, store.CountDeadLetters(DeadLetterFilter.All)[(DeadLetterState.Open, RejectionReason.NotJson)]);

        int Count(DeadLetterFilter filter) => store.FindDeadLetters(filter, 10).Count;
    }

    [Fact]
    public void Settle_Twice_TheSecondIsFencedAndAllOfIts()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        store.Append(new([], [An.DeadLetter(1), An.DeadLetter(2)], []));
        var letters = store.FindDeadLetters(DeadLetterFilter.All, 10);
        store.Settle([Dropped(letters[0])]);
        Assert.Throws<FencedException>(() => store.Settle([Dropped(letters[1]), Dropped(letters[0])]));
        Assert.Throws<FencedException>(() => store.Append(new([An.Interaction("e1")], [], []) { Settled = [Dropped(letters[0])] }));
        Assert.Equal(0, store.Count().Interactions);
        store.Append(new([An.Interaction("e1")], [], []) { Settled = [Dropped(letters[1]) with { To = DeadLetterState.Retried }] });
        Assert.Equal((1, 2), (store.Count().Interactions, store.Count().DeadLetters));
        var after = store.FindDeadLetters(DeadLetterFilter.All, 10);
        Assert.Equal([DeadLetterState.Dropped, DeadLetterState.Retried], after.Select(kept => kept.State));
        Assert.Equal((An.Time, "no use"), (after[0].Changed, after[0].Note));

        static DeadLetterChange Dropped(KeptDeadLetter kept) => new(kept.Key, DeadLetterState.Open, DeadLetterState.Dropped, An.Time, "no use");
    }

    [Fact]
    public void MoveAcross_EitherDirection_MovesAndIsRemembered()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        store.Append(new([], [], [An.Move(0, 10)]));
        var (down, never) = (new StreamGap("g", An.Partition, 10, 3, An.Time, "earliest"), new StreamGap("g", new("zz", 1), 0, 500, An.Time, "offset=500"));
        store.MoveAcross([never, down]);
        Assert.Equal((3, 500), (store.Offsets("g")[An.Partition], store.Offsets("g")[never.Partition]));
        Assert.Equal([down, never], store.Gaps("g"));
        Assert.Empty(store.Gaps("other"));
        Assert.Throws<FencedException>(() => store.MoveAcross([down with { From = 3, To = 4 }, never]));
        Assert.Equal((3, 2), (store.Offsets("g")[An.Partition], store.Gaps("g").Count));
    }
}

/// <summary>On DuckDB.</summary>
public sealed class DuckDbDeadLetterTests : DeadLetterContract
{
    internal override TestDatabase NewDatabase() => TestDatabase.DuckDb();
}

/// <summary>On PostgreSQL.</summary>
public sealed class PostgresDeadLetterTests : DeadLetterContract
{
    internal override TestDatabase NewDatabase() => TestDatabase.Postgres();
}
