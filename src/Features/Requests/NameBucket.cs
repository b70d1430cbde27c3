namespace Recs.Features.Requests;

/// <summary>The hash buckets of names whose set is not known beforehand (surfaces, countries): one column a bucket, 1 for the name's own.</summary>
internal static class NameBucket
{
    /// <summary>FNV-1a over the UTF-16 units, modulo the buckets: the same on every machine and in every process.</summary>
    /// <param name="name">Not empty.</param>
    /// <param name="buckets">At least 1.</param>
    public static int Of(string name, int buckets)
    {
        var hash = 2_166_136_261u;
        foreach (var unit in name)
        {
            hash = (hash ^ (byte)unit) * 16_777_619;
            hash = (hash ^ (byte)(unit >> 8)) * 16_777_619;
        }
        // The low bits of FNV-1a are the weaker ones.
        return (int)((hash ^ hash >> 15) % (uint)buckets);
    }

    /// <summary>0 everywhere but in the name's bucket; all 0 for an empty name.</summary>
    public static void Write(string name, Span<float> values)
    {
        values.Clear();
        if (name.Length > 0) values[Of(name, values.Length)] = 1;
    }
}
