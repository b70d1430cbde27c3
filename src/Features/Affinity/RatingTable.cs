using System.Runtime.InteropServices;

namespace Recs.Features.Affinity;

/// <summary>
/// Who liked and who disliked each item, as vectors over users that are ready for cosines. A residual is what is left of a like (1) or a dislike (0) when the means of the
/// item and of the user are taken away, each drawn to the mean of all by <see cref="MeanStrength"/>. The cosine of two items' residuals says whether the same people
/// liked them more than one would expect; it is never stored by pairs: a user's history is added up to one vector over users, and a candidate
/// costs a pass over its own raters, so nothing has to be cut to neighbours. Immutable.
/// </summary>
public sealed class RatingTable
{
    /// <summary>Ratings that weigh as much as the mean of all, in an item's and a user's mean.</summary>
    internal const double MeanStrength = 5;

    /// <summary>Raters kept for an item, the last to be known: what one candidate may cost.</summary>
    internal const int Raters = 4_096;

    /// <summary>Added to a squared length: an item of few raters is trusted less.</summary>
    private const double LengthShrinkage = 10;

    private readonly int[][] _raters;
    private readonly float[][] _residuals;
    private readonly float[][] _likes;
    private readonly Dictionary<string, int> _items;
    private readonly Dictionary<string, int> _users;
    private readonly double[] _itemMeans, _itemOffsets, _userOffsets;

    /// <param name="items">Row of each item.</param>
    /// <param name="ratings">By row: users and whether they liked it, in the order in which that became known.</param>
    /// <param name="userNumbers">Number of each user.</param>
    internal RatingTable(IReadOnlyDictionary<string, int> items, IReadOnlyList<IReadOnlyList<(int User, bool Liked)>> ratings, IReadOnlyDictionary<string, int> userNumbers)
    {
        var users = Users = userNumbers.Count;
        _users = new(userNumbers, StringComparer.Ordinal);
        _items = new(items, StringComparer.Ordinal);
        Find = item => _items.GetValueOrDefault(item, -1);
        var (userLikes, userCounts) = (new int[users], new int[users]);
        long all = 0, liked = 0;
        foreach (var row in ratings)
            foreach (var (user, isLiked) in row)
            {
                all++;
                userCounts[user]++;
                if (!isLiked) continue;
                liked++;
                userLikes[user]++;
            }
        Mean = (liked + 1.0) / (all + 2);
        var userMeans = new double[users];
        for (var user = 0; user < users; user++) userMeans[user] = (userLikes[user] + MeanStrength * Mean) / (userCounts[user] + MeanStrength);

        (_raters, _residuals, _likes, _itemMeans, _itemOffsets, _userOffsets) = (new int[ratings.Count][], new float[ratings.Count][], new float[ratings.Count][], new double[ratings.Count], new double[ratings.Count], new double[users]);
        for (var item = 0; item < ratings.Count; item++)
        {
            var row = ratings[item].Count <= Raters ? ratings[item] : [.. ratings[item].Skip(ratings[item].Count - Raters)];
            var likes = row.Count(rating => rating.Liked);
            var mean = _itemMeans[item] = (likes + MeanStrength * Mean) / (row.Count + MeanStrength);
            var residuals = new double[row.Count];
            var squares = LengthShrinkage;
            for (var at = 0; at < residuals.Length; at++)
            {
                _itemOffsets[item] += ((row[at].Liked ? 1 : 0) - userMeans[row[at].User]) / (row.Count + MeanStrength);
                _userOffsets[row[at].User] += ((row[at].Liked ? 1 : 0) - mean) / (userCounts[row[at].User] + MeanStrength);
                residuals[at] = (row[at].Liked ? 1 : 0) - (mean + userMeans[row[at].User] - Mean);
                squares += residuals[at] * residuals[at];
            }
            var (length, likeLength) = (Math.Sqrt(squares), Math.Sqrt(likes + LengthShrinkage));
            _raters[item] = [.. row.Select(rating => rating.User)];
            _residuals[item] = [.. residuals.Select(residual => (float)(residual / length))];
            _likes[item] = [.. row.Select(rating => rating.Liked ? (float)(1 / likeLength) : 0)];
        }
    }

    /// <summary>Users that rated.</summary>
    internal int Users { get; }

    /// <summary>Share of likes among all ratings.</summary>
    internal double Mean { get; }

    /// <summary>The index of an item, or −1; made once, as in <see cref="AffinityTable"/>.</summary>
    internal Func<string, int> Find { get; }

    /// <summary>Users that rated the item, those beyond <see cref="Raters"/> left out.</summary>
    internal int RatersOf(int item) => _raters[item].Length;

    internal double MeanOf(int item) => _itemMeans[item];

    /// <summary>How much more an item is liked than its raters like on the whole, drawn to 0.</summary>
    internal double OffsetOf(int item) => _itemOffsets[item];

    /// <summary>How much more a user likes than others like the same items, drawn to 0; 0 for one who never rated.</summary>
    internal double OffsetOf(string user) => _users.TryGetValue(user, out var number) ? _userOffsets[number] : 0;

    /// <summary>Adds an item's residuals, weighted, and its likes to vectors over users.</summary>
    internal void AddTo(int item, float weight, float[] residuals, float[] likes, List<int> touched)
    {
        var (raters, values, liked) = (_raters[item], _residuals[item], _likes[item]);
        for (var at = 0; at < raters.Length; at++)
        {
            ref var sum = ref residuals[raters[at]];
            if (sum == 0) touched.Add(raters[at]);
            sum += weight * values[at];
            likes[raters[at]] += liked[at];
        }
    }

    /// <summary>The dot products of an item's residuals and likes with vectors over users.</summary>
    internal (float ResidualLiked, float ResidualDisliked, float LikesLiked, float LikesDisliked) Dot(int item, in Profile liked, in Profile disliked)
    {
        var (raters, values, likes) = (_raters[item], _residuals[item], _likes[item]);
        float a = 0, b = 0, c = 0, d = 0;
        for (var at = 0; at < raters.Length; at++)
        {
            var user = raters[at];
            a += values[at] * liked.Residuals[user];
            b += values[at] * disliked.Residuals[user];
            c += likes[at] * liked.Likes[user];
            d += likes[at] * disliked.Likes[user];
        }
        return (a, b, c, d);
    }

    /// <summary>A history added up: vectors over users.</summary>
    internal readonly struct Profile(int users)
    {
        public readonly float[] Residuals = new float[users];
        public readonly float[] Likes = new float[users];

        public void Clear(List<int> touched)
        {
            foreach (var user in touched) Residuals[user] = Likes[user] = 0;
        }
    }
}

/// <summary>Takes ratings in as they become known; <see cref="Build"/> may be called at any moment in between. Of a user's ratings of an item the last one counts.</summary>
internal sealed class RatingTableBuilder
{
    private readonly Dictionary<string, int> _items = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _users = new(StringComparer.Ordinal);
    private readonly List<List<(int User, bool Liked)>> _ratings = [];
    private readonly Dictionary<(int Item, int User), int> _places = [];

    public void Add(string user, string item, bool liked)
    {
        ref var row = ref CollectionsMarshal.GetValueRefOrAddDefault(_items, item, out var isKnown);
        if (!isKnown)
        {
            row = _ratings.Count;
            _ratings.Add([]);
        }
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_users, user, out isKnown);
        if (!isKnown) number = _users.Count - 1;
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, (row, number), out isKnown);
        if (isKnown)
        {
            _ratings[row][place] = (number, liked);
            return;
        }
        place = _ratings[row].Count;
        _ratings[row].Add((number, liked));
    }

    public RatingTable Build() => new(_items, _ratings, _users);
}
