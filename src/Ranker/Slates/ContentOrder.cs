namespace Recs.Ranker.Slates;

/// <summary>
/// The content of a request in the order in which it is taken: by value, ties by id, or by value and unlikeness to what was taken (maximal marginal
/// relevance). What a cap rules out for good is removed with its reason when it is met; what only cannot stand at this place is passed over and stays.
/// </summary>
internal sealed class ContentOrder
{
    private readonly SlateInputs _inputs;
    private readonly SlatePolicy _policy;
    private readonly HeadScores _scores;
    private readonly List<Removal>? _removed;
    private readonly List<int> _order;
    private readonly bool[] _gone;
    private readonly List<int> _taken = [];
    private readonly Dictionary<int, int> _byAuthor = [], _byCategory = [];
    private readonly (int Compared, int Greatest)[] _likeness;
    private readonly double _least, _scale;
    private int _first;

    public ContentOrder(SlateInputs inputs, SlatePolicy policy, HeadScores scores, SlateBuffers buffers, List<Removal>? removed)
    {
        (_inputs, _policy, _scores, _removed, _order) = (inputs, policy, scores, removed, buffers.Order);
        for (var at = 0; at < inputs.Contenders.Length; at++)
            if (inputs.Contenders[at].Ad is null) _order.Add(at);
        _order.Sort((a, b) => scores.Values[a] != scores.Values[b] ? scores.Values[b].CompareTo(scores.Values[a])
            : string.CompareOrdinal(inputs.Contenders[a].Id.Value, inputs.Contenders[b].Id.Value));
        _gone = buffers.Gone(inputs.Contenders.Length);
        var diverse = policy.Diversity > 0 && inputs.Likeness is not null && _order.Count > 0;
        _likeness = diverse ? new (int, int)[inputs.Contenders.Length] : [];
        if (!diverse) return;
        var (most, least) = (scores.Values[_order[0]], scores.Values[_order[Math.Min(policy.DiversityWindow, _order.Count) - 1]]);
        (_least, _scale) = (least, most > least ? 1 / (most - least) : 0);
    }

    /// <summary>Content in all, taken or not.</summary>
    public int Count => _order.Count;

    /// <summary>What would be taken next, or null when nothing is left that may stand there.</summary>
    /// <param name="tolerated">The greatest risk the ad before bears.</param>
    /// <param name="promoted">Subjects whose ad is in the slate.</param>
    public int? Next(int tolerated, HashSet<int> promoted)
    {
        while (_first < _order.Count && _gone[_order[_first]]) _first++;
        int? best = null;
        var (greatest, looked) = (double.NegativeInfinity, 0);
        for (var i = _first; i < _order.Count; i++)
        {
            var at = _order[i];
            if (_gone[at] || promoted.Contains(_inputs.Contenders[at].Subject) || IsOverLimit(at) || _inputs.Contenders[at].Risk > tolerated) continue;
            if (_likeness.Length == 0) return at;
            var relevance = (1 - _policy.Diversity) * (_scores.Values[at] - _least) * _scale - _policy.Diversity * Likeness(at);
            if (relevance > greatest) (best, greatest) = (at, relevance);
            if (++looked == _policy.DiversityWindow) break;
        }
        return best;
    }

    /// <summary>Takes content; caps and likeness count it from now on.</summary>
    public void Take(int at)
    {
        ref readonly var contender = ref _inputs.Contenders[at];
        _gone[at] = true;
        _taken.Add(at);
        if (contender.Author >= 0) _byAuthor[contender.Author] = _byAuthor.GetValueOrDefault(contender.Author) + 1;
        if (contender.Category >= 0) _byCategory[contender.Category] = _byCategory.GetValueOrDefault(contender.Category) + 1;
    }

    /// <summary>Whether content may stand in for <paramref name="instead"/>, which then is taken no longer: both caps hold afterwards.</summary>
    public bool MayReplace(int at, int instead)
    {
        ref readonly var contender = ref _inputs.Contenders[at];
        ref readonly var other = ref _inputs.Contenders[instead];
        return !_gone[at]
            && (_policy.PerAuthor == 0 || contender.Author < 0 || _byAuthor.GetValueOrDefault(contender.Author) - (other.Author == contender.Author ? 1 : 0) < _policy.PerAuthor)
            && (_policy.PerCategory == 0 || contender.Category < 0 || _byCategory.GetValueOrDefault(contender.Category) - (other.Category == contender.Category ? 1 : 0) < _policy.PerCategory);
    }

    private bool IsOverLimit(int at)
    {
        ref readonly var contender = ref _inputs.Contenders[at];
        if (_policy.PerAuthor > 0 && contender.Author >= 0 && _byAuthor.GetValueOrDefault(contender.Author) >= _policy.PerAuthor)
            return Remove(at, RemovalReason.AuthorLimit, _policy.PerAuthor);
        if (_policy.PerCategory > 0 && contender.Category >= 0 && _byCategory.GetValueOrDefault(contender.Category) >= _policy.PerCategory)
            return Remove(at, RemovalReason.CategoryLimit, _policy.PerCategory);
        return false;
    }

    private bool Remove(int at, RemovalReason reason, int limit)
    {
        _gone[at] = true;
        _removed?.Add(new(_inputs.Contenders[at].Id, reason, $"{limit} of the same are in the slate, the limit"));
        return true;
    }

    // Each pair is compared once: what was taken since the last look is added.
    private double Likeness(int at)
    {
        ref var known = ref _likeness[at];
        for (; known.Compared < _taken.Count; known.Compared++)
        {
            var likeness = _inputs.Likeness!.Between(at, _taken[known.Compared]);
            if (known.Compared == 0 || likeness > known.Greatest) known.Greatest = likeness;
        }
        return known.Greatest / 127.0;
    }
}
