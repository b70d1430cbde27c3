namespace Recs.Sql.Tests.Experiments;

/// <summary>A sum over users divided by another, and the variance of one user's part in it: by the definition, user by user.</summary>
internal readonly record struct UserRatio(int Users, double Value, double Variance)
{
    public static UserRatio Of(IReadOnlyCollection<(double Num, double Den)> users)
    {
        var (value, mean) = (users.Sum(user => user.Num) / users.Sum(user => user.Den), users.Average(user => user.Den));
        return new(users.Count, value, users.Sum(user => Math.Pow((user.Num - value * user.Den) / mean, 2)) / (users.Count - 1));
    }
}
