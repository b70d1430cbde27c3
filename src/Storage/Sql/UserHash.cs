using System.Security.Cryptography;
using System.Text;
using Recs.Domain;
using Recs.Domain.Events;

namespace Recs.Storage.Sql;

/// <summary>A user id that can be recognized and not read.</summary>
internal static class UserHash
{
    /// <summary>SHA-256 of the id's UTF-8 bytes, 64 hex digits.</summary>
    public static string Of(UserId user) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(user.Value)));

    /// <summary>Whose event it is; null for an item's.</summary>
    public static UserId? UserOf(Event source) => source switch
    {
        UserUpserted user => user.User,
        Impression impression => impression.User,
        Interaction interaction => interaction.User,
        _ => null,
    };
}
