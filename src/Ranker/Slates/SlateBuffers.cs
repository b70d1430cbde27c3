using System.Numerics;

namespace Recs.Ranker.Slates;

/// <summary>
/// What composing one slate writes and composing the next one writes over, so that an answer leaves no garbage by the number of its candidates. Belongs to
/// one composing at a time; grows to the largest so far.
/// </summary>
internal sealed class SlateBuffers
{
    private float[] _probabilities = [];
    private double[] _values = [];
    private bool[] _gone = [];

    /// <summary>Ads in the auction.</summary>
    public List<AdOffer> Offers { get; } = [];

    /// <summary>Content in the order in which it is taken, by its place among the contenders.</summary>
    public List<int> Order { get; } = [];

    /// <summary>New items of which one may be tried, likewise.</summary>
    public List<int> New { get; } = [];

    /// <summary>Subjects of the content in the slate.</summary>
    public HashSet<int> Shown { get; } = [];

    /// <summary>Subjects of the ads in the slate.</summary>
    public HashSet<int> Promoted { get; } = [];

    /// <summary>Subjects of all content.</summary>
    public HashSet<int> OfContent { get; } = [];

    /// <summary>At least so many numbers: [subjects × heads].</summary>
    public float[] Probabilities(int count) => Zeros(ref _probabilities, count);

    /// <summary>At least so many numbers: [contenders].</summary>
    public double[] Values(int count) => Zeros(ref _values, count);

    /// <summary>At least so many marks: [contenders].</summary>
    public bool[] Gone(int count) => Zeros(ref _gone, count);

    /// <summary>Forgets what was composed.</summary>
    public void Clear()
    {
        Offers.Clear();
        Order.Clear();
        New.Clear();
        Shown.Clear();
        Promoted.Clear();
        OfContent.Clear();
    }

    private static T[] Zeros<T>(ref T[] array, int count)
    {
        if (array.Length < count) array = new T[BitOperations.RoundUpToPowerOf2((uint)count)];
        else Array.Clear(array, 0, count);
        return array;
    }
}
