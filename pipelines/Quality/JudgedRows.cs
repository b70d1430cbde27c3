using Recs.Ranker.Training;

namespace Recs.Pipelines.Quality;

/// <summary>What is judged: rows with what was predicted and what happened, and whose rows they are. All arrays are of one length.</summary>
/// <param name="Users">The user of each row, as a number from 0: the unit of the bootstrap and of UAUC.</param>
/// <param name="Lists">The list of each row, as a number from 0: the unit of nDCG and hit rate.</param>
/// <param name="Labels">What happened.</param>
/// <param name="Probabilities">What was predicted.</param>
/// <param name="Cold">Whether the row's item was new.</param>
internal sealed record JudgedRows(int[] Users, int[] Lists, bool[] Labels, float[] Probabilities, bool[] Cold)
{
    public int Count => Labels.Length;

    /// <summary>The rows of some groups of a training set.</summary>
    /// <param name="set">All rows.</param>
    /// <param name="period">The groups to judge.</param>
    /// <param name="scores">One probability for each row of the set.</param>
    /// <param name="byUser">Whether a list is a user's rows, not an impression's.</param>
    public static JudgedRows Of(TrainingSet set, IReadOnlyList<TrainingGroup> period, float[] scores, bool byUser)
    {
        var count = period.Sum(group => group.Count);
        int[] users = new int[count], lists = new int[count];
        var (labels, probabilities, cold) = (new bool[count], new float[count], new bool[count]);
        Dictionary<string, int> numbers = new(StringComparer.Ordinal);
        var at = 0;
        for (var list = 0; list < period.Count; list++)
        {
            var group = period[list];
            if (!numbers.TryGetValue(group.User.Value, out var user)) numbers.Add(group.User.Value, user = numbers.Count);
            for (var row = group.First; row < group.First + group.Count; row++, at++)
            {
                users[at] = user;
                lists[at] = byUser ? user : list;
                (labels[at], probabilities[at], cold[at]) = (set.Labels[row], scores[row], set.Cold[row]);
            }
        }
        return new(users, lists, labels, probabilities, cold);
    }

    /// <summary>The rows for which <paramref name="keep"/> is true.</summary>
    public JudgedRows Where(Func<int, bool> keep)
    {
        var kept = Enumerable.Range(0, Count).Where(keep).ToArray();
        return At(kept);
    }

    /// <summary>The same rows with other predictions.</summary>
    public JudgedRows With(float[] probabilities) => this with { Probabilities = probabilities };

    /// <summary>The rows at given places, in that order; a place may come again.</summary>
    public JudgedRows At(int[] places) => new(Pick(Users, places), Pick(Lists, places), Pick(Labels, places), Pick(Probabilities, places), Pick(Cold, places));

    /// <summary>The places of the rows of each value of <paramref name="of"/>, in row order.</summary>
    public static IReadOnlyList<int[]> PlacesBy(int[] of)
    {
        if (of.Length == 0) return [];
        var counts = new int[of.Max() + 1];
        foreach (var value in of) counts[value]++;
        var places = counts.Select(count => new int[count]).ToArray();
        Array.Clear(counts);
        for (var row = 0; row < of.Length; row++) places[of[row]][counts[of[row]]++] = row;
        return places;
    }

    public static T[] Pick<T>(T[] values, int[] places)
    {
        var picked = new T[places.Length];
        for (var i = 0; i < places.Length; i++) picked[i] = values[places[i]];
        return picked;
    }
}
